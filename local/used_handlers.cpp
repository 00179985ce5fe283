#include "local/used_handlers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "local/package/image.h"

namespace forklift::local {

namespace fs = std::filesystem;

namespace {

using package::Place;

/// API_CreateFunction of Lambda: at most 128 characters that are not white space.
constexpr std::size_t max_handler_name = 128;

class HandlerReader {
  public:
    HandlerReader(const BootstrapReport& report, const fs::path& folder, const Place& place,
                  package::Findings& findings)
        : report_(report), folder_(folder), place_(place), findings_(findings) {}

    void read(const HandlerReport& handler) {
        check_name(handler.handler);
        for (const std::string& mistake : handler.mistakes) findings_.errors.push_back(mistake);
        if (!handler.mistakes.empty()) return;
        const std::string inside = name_in_zip(handler.path);
        if (handler.function) {
            add_function(handler);
        } else if (!inside.empty() && !handler.on_path) {
            if (!place_.content.file(inside)) left_out(handler.handler, inside);
        } else {
            read_program(handler);
        }
    }

    /// Every file that its ending makes one.
    void read_all_files() {
        for (const package::Entry& entry : place_.content.entries()) {
            const std::string ending = fs::path(entry.name).extension().string();
            for (const LanguageReport& language : report_.languages) {
                const auto& endings = language.endings;
                if (entry.kind == package::Entry::Kind::file &&
                    std::find(endings.begin(), endings.end(), ending) != endings.end())
                    add(entry.name, language);
            }
        }
    }

    UsedHandlers take() {
        used_.shims.assign(shims_.begin(), shims_.end());
        return std::move(used_);
    }

  private:
    void check_name(const std::string& name) {
        if (name.size() > max_handler_name) {
            findings_.errors.push_back(
                fmt::format("the handler {} has a name of {} characters, and Lambda takes {}", name,
                            name.size(), max_handler_name));
        }
        if (name.empty() || name.find_first_of(" \t\n\r\v\f") != name.npos) {
            findings_.errors.push_back(
                fmt::format("the handler \"{}\" has a name that Lambda does not take: empty, or "
                            "with white space",
                            name));
        }
    }

    void left_out(const std::string& handler, const std::string& file) {
        findings_.errors.push_back(
            fmt::format("{}, which the handler {} needs, is not in the zip", file, handler));
    }

    std::string name_in_zip(const std::string& path) const {
        if (path.empty()) return {};
        const fs::path name = fs::path(path).lexically_relative(folder_);
        return name.empty() || *name.begin() == ".." ? std::string() : name.string();
    }

    void add_function(const HandlerReport& handler) {
        const std::string file = name_in_zip(handler.function->file);
        if (file.empty() || !place_.content.file(file)) {
            left_out(handler.handler, handler.function->file);
            return;
        }
        for (const LanguageReport& language : report_.languages)
            if (language.name == handler.function->language) add(file, language);
    }

    void add(const std::string& file, const LanguageReport& language) {
        shims_.insert(language.shim);
        const auto same = [&](const package::UsedFunction& one) { return one.file == file; };
        const auto& all = used_.functions;
        if (std::any_of(all.begin(), all.end(), same)) return;
        used_.functions.push_back({file, language.name, language.interpreters});
    }

    /// A program that is not of the function's folder.
    void read_program(const HandlerReport& handler) {
        const std::string& program = handler.program;
        const bool absolute = program.starts_with('/');
        const auto answer =
            absolute ? place_.find_at(program) : place_.find_on_path(program, handler.search_path);
        if (answer == Place::Answer::present) return;
        if (answer == Place::Answer::if_path_is_set) {
            findings_.notes.push_back(fmt::format(
                "the handler {} runs bin/{} of the zip, which is found only when /var/task/bin is "
                "on PATH: name it bin/{}, or set PATH",
                handler.handler, program, program));
            return;
        }
        // A layer may bring a program under a bare name, but neither a file nor a function.
        const bool bare = program.find_first_of("./") == program.npos;
        if (!handler.missing.empty() && !absolute && !bare) {
            findings_.errors.push_back(handler.missing);
            return;
        }
        findings_.warnings.push_back(fmt::format(
            "the handler {} runs {}, which is neither in {} nor in the zip; put it into the zip or "
            "a layer, or run the function from an image that has it",
            handler.handler, program, package::image_name));
    }

    const BootstrapReport& report_;
    const fs::path& folder_;
    const Place& place_;
    package::Findings& findings_;
    UsedHandlers used_;
    std::set<std::string> shims_;
};

}  // namespace

UsedHandlers read_used_handlers(const BootstrapReport& report, bool handlers_named,
                                const fs::path& folder, const Place& place,
                                package::Findings& findings) {
    for (const std::string& mistake : report.mistakes) findings.errors.push_back(mistake);
    HandlerReader reader(report, folder, place, findings);
    for (const HandlerReport& handler : report.handlers) reader.read(handler);
    if (!handlers_named) reader.read_all_files();
    return reader.take();
}

}  // namespace forklift::local
