#include <filesystem>
#include <regex>
#include <set>

#include "tests/support/forklift.h"
#include "tests/support/one_shot.h"
#include "tests/support/tested_programs.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// The manual page and the completions know what the program's help knows.
namespace {

const std::string packaging = std::string(FORKLIFT_SOURCE_DIR) + "/packaging/";

std::set<std::string> matches(const std::string& text, const std::regex& pattern) {
    std::set<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it)
        found.insert((*it)[1]);
    return found;
}

std::set<std::string> commands() {
    const auto help = run_forklift({"--help"}).output;
    return matches(help.substr(help.find("Subcommands:")), std::regex("\n  ([a-z]+) "));
}

std::set<std::string> options_of(const std::string& command) {
    static const std::regex option("\n  (?:-[a-z],)?(--[a-z-]+)");
    return matches(run_forklift({command, "--help"}).output, option);
}

/// The part of forklift(1) under one heading, with troff's escapes taken out.
std::string section_of(const std::string& heading) {
    const auto page =
        std::regex_replace(read_file(packaging + "man/forklift.1"), std::regex(R"(\\-)"), "-");
    const auto start = page.find(".SS " + heading + "\n");
    return start == std::string::npos ? "" : page.substr(start, page.find("\n.S", start) - start);
}

/// What forklift(1) says of a command; the options of the function stand there once for all.
std::string page_of(const std::string& command) {
    const auto section = section_of(command);
    const bool runs_function = std::regex_search(section, std::regex("options of\\sthe function"));
    return runs_function ? section + section_of("The function") : section;
}

/// What a shell offers after "forklift COMMAND --".
std::string offered(const std::vector<std::string>& shell) {
    ProgramOptions program;
    program.argv = shell;
    program.environment = usual_environment();
    program.environment["HOME"] = "/tmp";
    program.environment["PATH"] = std::filesystem::path(tested_forklift()).parent_path().string() +
                                  ":" + program.environment["PATH"];
    const auto finished = run_program(program);
    return "\n" + finished.output + "\n" + finished.errors;
}

void check_offer(const std::string& command, const std::string& offer) {
    for (const auto& option : options_of(command)) {
        CAPTURE(command, option);
        CHECK(contains(offer, "\n" + option + "\n"));
    }
}

}  // namespace

TEST_CASE("forklift(1) names every command and every option of its help") {
    CHECK(commands().size() >= 4);
    for (const auto& command : commands()) {
        CAPTURE(command);
        const auto section = page_of(command);
        CHECK_FALSE(section.empty());
        for (const auto& option : options_of(command)) {
            CAPTURE(option);
            CHECK(std::regex_search(section, std::regex("\n\\.BI? " + option + "[ \n]")));
        }
    }
}

TEST_CASE("bash completes every option of every command") {
    for (const auto& command : commands()) {
        check_offer(command,
                    offered({"bash", "-c",
                             "source " + packaging +
                                 "completions/forklift.bash; COMP_WORDS=(forklift " + command +
                                 " --); COMP_CWORD=2; _forklift; printf '%s\\n' "
                                 "\"${COMPREPLY[@]}\""}));
    }
}

TEST_CASE("fish completes every option of every command", "[tools]") {
    if (!has_tool("fish")) return;
    for (const auto& command : commands()) {
        check_offer(command, offered({"fish", "-c",
                                      "source " + packaging +
                                          "completions/forklift.fish; complete -C 'forklift " +
                                          command + " --'"}));
    }
}

TEST_CASE("the completion for zsh is zsh", "[tools]") {
    if (!has_tool("zsh")) return;
    CHECK(offered({"zsh", "-n", packaging + "completions/_forklift"}) == "\n\n");
}
