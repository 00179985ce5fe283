#include "handlers/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "handlers/nearest.h"
#include "handlers/option_conflicts.h"
#include "handlers/option_table.h"
#include "process/file.h"
#include "protocol/json_mistake.h"
#include "protocol/json_pointer.h"
#include "protocol/json_value.h"

namespace forklift::handlers {

namespace {

namespace fs = std::filesystem;
using protocol::JsonValue;

constexpr const char* default_name = "forklift.json";
/// Far more than anybody writes by hand.
constexpr std::size_t max_file = 1024 * 1024;

/// Reads one file, and goes on after a mistake to find the others.
class ConfigReader {
  public:
    explicit ConfigReader(const std::string& path) { file_.path = path; }

    ConfigResult read(std::string_view text) {
        const auto document = JsonValue::parse(text);
        if (!document) {
            describe_syntax(text);
        } else if (expect_object(*document, "", "handlers")) {
            read_top(*document);
        }
        if (!mistakes_.sentences.empty()) return std::move(mistakes_);
        return std::move(file_);
    }

  private:
    void describe_syntax(std::string_view text) {
        const auto mistake = protocol::find_json_mistake(text);
        mistakes_.sentences.push_back(mistake ? fmt::format("{}: line {}, column {}: not JSON: {}",
                                                            file_.path, mistake->line,
                                                            mistake->column, mistake->what)
                                              : fmt::format("{}: not JSON", file_.path));
    }

    void complain(const std::string& at, const Complaint& complaint) {
        sentences_->push_back(fmt::format("{}: {}: found {}; allowed: {}", file_.path,
                                          at + complaint.at, complaint.found, complaint.allowed));
    }

    bool expect_object(const JsonValue& value, const std::string& at, std::string_view of) {
        if (value.kind() == JsonValue::Kind::object) return true;
        complain(at, {"", std::string(in_words(value.kind())), fmt::format("an object: {}", of)});
        return false;
    }

    /// The members of an object, each name once.
    std::vector<JsonValue::Member> members(const JsonValue& object, const std::string& at) {
        std::vector<JsonValue::Member> unique;
        for (const JsonValue::Member& member : object.members()) {
            const auto same = [&](const auto& other) { return other.name == member.name; };
            if (std::any_of(unique.begin(), unique.end(), same)) {
                complain(at + "/" + protocol::pointer_token(member.name),
                         {"", "a second member of that name", "one of each name"});
            } else {
                unique.push_back(member);
            }
        }
        return unique;
    }

    void unknown_key(const std::string& at, const std::string& name, const std::string& near) {
        complain(at + "/" + protocol::pointer_token(name),
                 {"", fmt::format("the unknown key \"{}\"", name),
                  fmt::format("a known one; did you mean \"{}\"?", near)});
    }

    void read_top(const JsonValue& document) {
        for (const auto& [name, value] : members(document, "")) {
            if (name == "handlers") {
                if (expect_object(value, "/handlers", "handlers by name")) read_handlers(value);
            } else if (name != "$schema") {
                unknown_key("", name, nearest(name, {"handlers", "$schema"}));
            }
        }
    }

    void read_handlers(const JsonValue& handlers) {
        for (const auto& [name, value] : handlers.members()) {
            const std::string at = "/handlers/" + protocol::pointer_token(name);
            const auto same = [&name = name](const auto& other) { return other.name == name; };
            const auto known = std::find_if(file_.entries.begin(), file_.entries.end(), same);
            const bool is_new = known == file_.entries.end();
            ConfigEntry& entry = is_new ? file_.entries.emplace_back() : *known;
            sentences_ = &entry.mistakes;
            if (is_new)
                read_entry(name, value, at, entry);
            else
                complain(at, {"", "a second member of that name", "one of each name"});
        }
        sentences_ = &mistakes_.sentences;
    }

    void read_entry(const std::string& name, const JsonValue& value, const std::string& at,
                    ConfigEntry& entry) {
        entry.name = name;
        if (name.empty() || name.find_first_of(" \t\n") != name.npos) {
            complain(at, {"", fmt::format("the name \"{}\"", name),
                          "a name that Lambda takes: not empty, without spaces"});
        }
        if (!expect_object(value, at, "options by name")) return;
        for (const auto& [key, setting] : members(value, at)) {
            const Option* option = find_option(key);
            if (!option) {
                unknown_key(at, key, nearest_option(key));
                continue;
            }
            entry.chosen.insert(option->name);
            set(*option, setting, entry.options, at + "/" + key);
        }
        for (const Complaint& complaint : check_together(entry.options)) complain(at, complaint);
    }

    void set(const Option& option, const JsonValue& value, Options& options,
             const std::string& at) {
        auto setting = setting_of(value, option.type);
        auto* complaints = std::get_if<Complaints>(&setting);
        const Complaints all =
            complaints ? std::move(*complaints) : option.set(options, std::get<Setting>(setting));
        for (const Complaint& complaint : all) complain(at, complaint);
    }

    ConfigFile file_;
    ConfigMistakes mistakes_;
    /// Where a mistake goes that is found now: the file's, or those of the entry that is read.
    std::vector<std::string>* sentences_ = &mistakes_.sentences;
};

/// Why a file cannot be read, in words.
std::string obstacle(const std::error_code& error) {
    if (error == std::errc::invalid_argument) return "is not a regular file";
    if (error == std::errc::file_too_large)
        return fmt::format("has more than {} bytes, the most that is read", max_file);
    return fmt::format("cannot be read: {}", error.message());
}

}  // namespace

const ConfigEntry* ConfigFile::find(std::string_view name) const {
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const ConfigEntry& entry) { return entry.name == name; });
    return found == entries.end() ? nullptr : &*found;
}

ConfigResult read_config(std::string_view text, const std::string& path) {
    return ConfigReader(path).read(text);
}

ConfigResult find_config(const std::string& task_root, const std::optional<std::string>& config) {
    const std::string path =
        (fs::path(task_root) / config.value_or(default_name)).lexically_normal().string();
    std::error_code error;
    std::error_code ignored;
    const std::string text = process::read_regular_file(path, max_file, error);
    if (!error) return read_config(text, path);
    const bool is_there = fs::exists(fs::symlink_status(path, ignored));
    if (!config && !is_there) return ConfigFile{};
    return ConfigMistakes{{fmt::format("{} {}{}", path, obstacle(error),
                                       config ? " (FORKLIFT_CONFIG points there)" : "")}};
}

}  // namespace forklift::handlers
