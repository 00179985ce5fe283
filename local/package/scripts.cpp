#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "local/package/image.h"
#include "local/package/needs.h"

namespace forklift::package {

namespace {

constexpr std::string_view ways_out =
    "put it into the zip or a layer, or run the function from an image that has it";

/// The files that share a finding, by what is said of them.
using Grouped = std::map<std::string, std::vector<std::string>>;

void report(const Grouped& grouped, std::vector<std::string>& findings) {
    for (const auto& [what, files] : grouped)
        findings.push_back(fmt::format("{}: {}", some_of(files), what));
}

std::string set_path(const std::string& name) {
    return fmt::format(
        "bin/{} of the zip is found only when the function's configuration puts /var/task/bin on "
        "PATH",
        name);
}

void check_script(const Place& place, const Entry& entry, Grouped& warnings, Grouped& notes) {
    const Shebang& shebang = *entry.shebang;
    if (shebang.windows) {
        warnings
            ["the #! line ends with \\r\\n, as on Windows: Forklift runs it through its "
             "interpreter when it is the handler, and no other program can start it; convert it "
             "(sed -i 's/\\r$//')"]
                .push_back(entry.name);
    }
    if (place.find_at(shebang.interpreter) == Place::Answer::missing) {
        warnings[fmt::format("{}, which the #! line names, is not in {}; {}", shebang.interpreter,
                             image_name, ways_out)]
            .push_back(entry.name);
        return;
    }
    if (shebang.name.empty()) return;
    if (shebang.name.find_first_of(" \t") != std::string::npos) {
        warnings[fmt::format("the #! line makes env look for one program called \"{}\"; write env "
                             "-S {}",
                             shebang.name, shebang.name)]
            .push_back(entry.name);
        return;
    }
    switch (place.find_on_path(shebang.name)) {
        case Place::Answer::present:
            break;
        case Place::Answer::if_path_is_set:
            notes[set_path(shebang.name)].push_back(entry.name);
            break;
        case Place::Answer::missing:
            warnings[fmt::format("{}, which the #! line asks env for, is not in {}; {}",
                                 shebang.name, image_name, ways_out)]
                .push_back(entry.name);
            break;
    }
}

}  // namespace

void check_scripts(const Place& place, const std::vector<UsedFunction>& functions,
                   Findings& findings) {
    Grouped warnings;
    Grouped notes;
    for (const Entry& entry : place.content.entries()) {
        const auto is_function = [&](const UsedFunction& one) { return one.file == entry.name; };
        const bool loaded =
            !entry.was_executable && std::any_of(functions.begin(), functions.end(), is_function);
        if (entry.shebang && !loaded) check_script(place, entry, warnings, notes);
    }
    report(warnings, findings.warnings);
    report(notes, findings.notes);
}

void check_functions(const Place& place, const std::vector<UsedFunction>& functions,
                     Findings& findings) {
    Grouped warnings;
    Grouped notes;
    for (const UsedFunction& function : functions) {
        auto best = Place::Answer::missing;
        std::string found;
        for (const std::string& name : function.interpreters) {
            const auto answer = place.find_on_path(name);
            if (answer >= best) continue;
            best = answer;
            found = name;
        }
        if (best == Place::Answer::if_path_is_set) notes[set_path(found)].push_back(function.file);
        if (best != Place::Answer::missing) continue;
        warnings[fmt::format("{} has no interpreter for functions in {} ({}); {}", image_name,
                             function.language, fmt::join(function.interpreters, ", "), ways_out)]
            .push_back(function.file);
    }
    report(warnings, findings.warnings);
    report(notes, findings.notes);
}

}  // namespace forklift::package
