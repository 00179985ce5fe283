#include "local/package_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>

#include "local/bootstrap_report.h"
#include "local/package/folder.h"
#include "local/package/machine.h"
#include "local/package/needs.h"
#include "local/package/unwanted.h"
#include "local/package/zip_file.h"
#include "local/package_bootstrap.h"
#include "local/package_inputs.h"
#include "local/standard_error.h"
#include "local/standard_output.h"
#include "local/used_handlers.h"

namespace forklift::local {

namespace fs = std::filesystem;

namespace {

/// "Lambda quotas" in AWS's developer guide.
constexpr std::uint64_t max_unzipped = 250 * 1024 * 1024;
constexpr std::uint64_t max_upload = 50 * 1024 * 1024;

volatile std::sig_atomic_t stop_wanted = 0;

void want_stop(int) { stop_wanted = 1; }

bool same_bytes(const fs::path& one, const fs::path& other) {
    std::ifstream first(one, std::ios::binary);
    std::ifstream second(other, std::ios::binary);
    using Bytes = std::istreambuf_iterator<char>;
    return std::equal(Bytes(first), Bytes(), Bytes(second), Bytes());
}

/// One run of the command.
class Packager {
  public:
    explicit Packager(const PackageOptions& options)
        : options_(options), inputs_(read_package_inputs(options)) {}

    int run() {
        if (!options_.without_bootstrap) {
            bootstrap_ =
                find_packaged_bootstrap(options_.architecture, options_.bootstrap, findings_);
        }
        read_files();
        if (const auto report = ask(); report && !failed()) add_runtime(*report);
        content_.sort();
        if (!failed()) check();
        if (failed() || !tell()) return tell_failure();
        write();
        return 0;
    }

  private:
    bool failed() const { return !findings_.errors.empty(); }

    void read_files() {
        if (inputs_.folder.empty()) return;
        package::Exclusion exclusion(options_.exclude,
                                     package::read_ignore_file(inputs_.folder, findings_));
        package::read_folder(inputs_.folder, inputs_.output, exclusion, content_, findings_);
        for (const std::string& glob : exclusion.unused())
            findings_.warnings.push_back(fmt::format("--exclude {} matches no file", glob));
        content_.sort();
    }

    /// Nothing for a layer of files alone.
    std::optional<BootstrapReport> ask() {
        if (options_.layer && options_.without_bootstrap) return std::nullopt;
        const fs::path folder =
            inputs_.folder.empty() ? inputs_.output.parent_path() : inputs_.folder;
        BootstrapReport report =
            ask_bootstrap(find_asked_bootstrap(bootstrap_), folder, options_.handlers);
        if (options_.layer) return report;
        used_ = read_used_handlers(report, !options_.handlers.empty(), inputs_.folder, place_,
                                   findings_);
        return report;
    }

    void add_runtime(const BootstrapReport& report) {
        if (options_.without_bootstrap) return;
        std::vector<package::Entry> runtime;
        runtime.push_back(package::entry_of_file("bootstrap", bootstrap_, true));
        std::vector<std::string> shims = used_.shims;
        if (options_.layer)
            for (const auto& language : report.languages) shims.push_back(language.shim);
        for (const std::string& shim : shims) {
            runtime.push_back(package::entry_of_file("shims/" + shim,
                                                     find_packaged_shim(bootstrap_, shim), false));
        }
        for (package::Entry& entry : runtime) replace(std::move(entry));
    }

    /// Adds a file of ours, in the place of the same one that the user has put there.
    void replace(package::Entry entry) {
        auto& entries = content_.entries();
        for (auto there = entries.begin(); there != entries.end(); ++there) {
            const bool same_name = there->name == entry.name;
            const bool in_the_way = same_name || (there->name == "shims" &&
                                                  there->kind != package::Entry::Kind::folder);
            if (!in_the_way) continue;
            if (!same_name || there->kind != package::Entry::Kind::file ||
                !same_bytes(there->source, entry.source)) {
                findings_.errors.push_back(fmt::format(
                    "{} is in the way of Forklift's own {}; leave it out with --exclude {}, or "
                    "ours with --without-bootstrap",
                    there->source.string(), entry.name, there->name));
                return;
            }
            entries.erase(there);
            break;
        }
        content_.add(std::move(entry));
    }

    void check() {
        package::check_unwanted(content_, findings_);
        package::check_links(content_, findings_);
        package::check_functions(place_, used_.functions, findings_);
        package::check_scripts(place_, used_.functions, findings_);
        package::check_binaries(place_, *package::machine_of(options_.architecture), findings_);
        if (content_.entries().empty())
            findings_.errors.push_back(inputs_.folder.string() + " has no files in it");
        check_size();
        if (place_.layers && options_.without_bootstrap && !options_.layer &&
            !place_.file("/opt/bootstrap") && !content_.file("bootstrap")) {
            findings_.warnings.push_back(
                "there is no bootstrap: it is left out here, and no layer of --with-layer has one");
        }
    }

    void check_size() {
        const std::uint64_t size = content_.unzipped_size() + inputs_.layers.unzipped_size();
        if (size <= max_unzipped) return;
        findings_.errors.push_back(
            fmt::format("the function has {} bytes unzipped{}, and Lambda takes {} with all "
                        "layers; a container image may have more",
                        size, place_.layers ? " with its layers" : "", max_unzipped));
    }

    static void say(std::string_view kind, const std::vector<std::string>& sentences) {
        for (const std::string& sentence : sentences)
            write_to_stderr(fmt::format("forklift: {}: {}\n", kind, sentence));
    }

    /// Says what has been found so far; returns whether that is no obstacle.
    bool tell() {
        say("note", findings_.notes);
        say("warning", findings_.warnings);
        const bool fine = findings_.warnings.empty() || !options_.strict;
        if (!fine) findings_.errors.push_back("--strict takes warnings for errors");
        findings_.notes.clear();
        findings_.warnings.clear();
        return fine;
    }

    int tell_failure() {
        tell();
        say("error", findings_.errors);
        return 1;
    }

    void write() {
        std::signal(SIGINT, want_stop);
        std::signal(SIGTERM, want_stop);
        package::write_zip(inputs_.output, content_, inputs_.time, [] { return stop_wanted != 0; });
        const std::uint64_t size = fs::file_size(inputs_.output);
        write_to_stdout(fmt::format("{}: {} bytes, {} unzipped, {} {}\n", options_.output, size,
                                    content_.unzipped_size(), content_.entries().size(),
                                    content_.entries().size() == 1 ? "file" : "files"),
                        "cannot write what the zip is, which is there");
        if (size > max_upload) {
            findings_.warnings.push_back(
                fmt::format("{} is larger than {} bytes, which is all that Lambda takes directly; "
                            "upload it to S3, and create the function from there",
                            options_.output, max_upload));
            tell();
        }
    }

    const PackageOptions& options_;
    const PackageInputs inputs_;
    fs::path bootstrap_;
    package::Findings findings_;
    package::Content content_{options_.layer ? "/opt" : "/var/task"};
    const package::Place place_{content_, options_.with_layers.empty() ? nullptr : &inputs_.layers};
    UsedHandlers used_;
};

}  // namespace

int run_package(const PackageOptions& options) { return Packager(options).run(); }

}  // namespace forklift::local
