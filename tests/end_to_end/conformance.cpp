#include <csignal>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/bootstrap.h"
#include "tests/support/forklift.h"
#include "tests/support/proc.h"
#include "tests/support/task_root.h"
#include "tests/support/tested_programs.h"
#include "tests/test.h"

using namespace forklift::test;

namespace {

using Descriptions = std::set<std::string>;

ProgramOptions kit(const std::string& framing, const std::vector<std::string>& command,
                   const std::string& timeout = "5") {
    ProgramOptions options;
    options.argv = {tested_forklift(), "conformance", "--framing", framing,
                    "--timeout",       timeout,       "--"};
    options.argv.insert(options.argv.end(), command.begin(), command.end());
    options.environment = usual_environment();
    return options;
}

Finished check_worker(const std::string& framing, const std::vector<std::string>& command) {
    return run_program(kit(framing, command));
}

/// The descriptions of the lines that begin with `verdict`.
Descriptions those(const std::string& report, const std::string& verdict) {
    const std::regex line("^" + verdict + " [0-9]+ - (.*)$");
    Descriptions found;
    std::istringstream lines(report);
    std::smatch match;
    for (std::string text; std::getline(lines, text);)
        if (std::regex_match(text, match, line)) found.insert(match[1]);
    return found;
}

using Reports = std::map<std::string, std::string>;

/// The reports of some broken workers, by fault, with every check in each. They run at the same
/// time, because some make the kit wait.
Reports failing_reports(const std::string& framing, const std::vector<std::string>& faults) {
    std::map<std::string, std::unique_ptr<Program>> kits;
    const std::string timeout = is_sanitized() ? "5" : "1";
    for (const std::string& fault : faults) {
        kits[fault] =
            std::make_unique<Program>(kit(framing, {helper("broken_worker"), fault}, timeout));
    }
    Reports reports;
    for (const auto& [fault, kit] : kits) {
        const auto finished = kit->wait();
        INFO(finished.output << finished.errors);
        CHECK(finished.exit == 1);
        const auto passed = those(finished.output, "ok").size();
        const auto failed = those(finished.output, "not ok").size();
        CHECK(contains(finished.output, "\n1.." + std::to_string(passed + failed) + "\n"));
        CHECK(contains(finished.output, "# " + std::to_string(failed) + " of "));
        reports[fault] = finished.output;
    }
    return reports;
}

/// What the workers with these faults fail, and no more.
void check_failures(const std::string& framing,
                    const std::map<std::string, Descriptions>& expected) {
    std::vector<std::string> faults;
    for (const auto& [fault, descriptions] : expected) faults.push_back(fault);
    for (const auto& [fault, report] : failing_reports(framing, faults)) {
        CAPTURE(fault, report);
        CHECK(those(report, "not ok") == expected.at(fault));
    }
}

const std::string start = "nothing on stdout before the first event, but that the worker is ready";
const std::string many = "1000 events, each with its own answer";
const std::string at_end = "end-of-file on stdin ends the worker with status 0";
const std::string at_sigterm = "SIGTERM ends the worker";
const std::string no_process = "no process of the worker's group is left";
const std::string idle = "nothing on stdout between two events";

}  // namespace

TEST_CASE("a worker that keeps to the protocol passes every check") {
    for (const std::string framing : {"lines", "framed"}) {
        const auto finished = check_worker(framing, {helper("echo_worker")});
        INFO(finished.output << finished.errors);
        CHECK(finished.exit == 0);
        CHECK(begins_with(finished.output, "TAP version 13\n1.."));
        CHECK(those(finished.output, "not ok").empty());
        CHECK(those(finished.output, "ok").size() > 30);
        CHECK(finished.errors.empty());
    }
}

TEST_CASE("a worker passes that replies in chunks, logs, and does not say that it is ready") {
    const auto finished =
        check_worker("framed", {helper("echo_worker"), "chunked", "silent", "log"});
    INFO(finished.output);
    CHECK(finished.exit == 0);
    CHECK(those(finished.output, "not ok").empty());
    CHECK(contains(finished.errors, "an event of 6291456 bytes\n"));
}

TEST_CASE("a worker of one line passes") {
    const auto finished = check_worker(
        "lines",
        {"perl", "-pe",
         R"(BEGIN { $| = 1 } s/^{"fail":(".*")}$/{"errorType":"Failed","errorMessage":$1}/)"});
    INFO(finished.output << finished.errors);
    CHECK(finished.exit == 0);
}

TEST_CASE("a fault of one line fails the check that it shows in and says what was wrong") {
    const std::map<std::string, std::string> words = {
        {"two_replies", "15 bytes came after the reply"},
        {"no_line_end", "and the line feed is missing"},
        {"swaps_answers", R"(came: "{\"number\":501}")"}};
    for (const auto& [fault, report] :
         failing_reports("lines", {"two_replies", "no_line_end", "swaps_answers"})) {
        CAPTURE(fault, report);
        CHECK(those(report, "not ok") == Descriptions{many});
        CHECK(contains(report, words.at(fault)));
        CHECK(contains(report, R"(sent: "{\"number\":500})"));
    }
}

TEST_CASE("a fault of one frame fails the check that it shows in and says what was wrong") {
    const std::map<std::string, std::string> words = {
        {"wrong_id", "message: 'the reply has the request id wrong'"},
        {"two_replies", "bytes came after the reply"},
        {"long_length", "and the rest is missing"},
        {"short_length", "1 byte came after the reply"},
        {"bad_chunk", "found the line \"xyz\""}};
    std::vector<std::string> faults;
    for (const auto& [fault, text] : words) faults.push_back(fault);
    for (const auto& [fault, report] : failing_reports("framed", faults)) {
        CAPTURE(fault, report);
        CHECK(those(report, "not ok") == Descriptions{many});
        CHECK(contains(report, words.at(fault)));
        CHECK(contains(report, R"(\r\n\r\n{\"number\":500}")"));
        CHECK(contains(report, R"(came: "Lambda-Runtime-Aws-Request-Id: )"));
    }
}

TEST_CASE("a fault of every event fails every check but the start, each with a verdict") {
    for (const std::string framing : {"lines", "framed"}) {
        auto reports = failing_reports(framing, {"lower_case", "garbage_first"});
        CHECK(those(reports["lower_case"], "ok") == Descriptions{start});
        CHECK(contains(reports["lower_case"], "the answer is not the event"));
        auto passed = those(reports["garbage_first"], "ok");
        // Unless it came too late for it.
        passed.erase(start);
        CHECK(passed.empty());
        CHECK(contains(reports["garbage_first"], "Starting up!"));
    }
}

TEST_CASE("a fault of one kind fails the checks of that kind") {
    const Descriptions errors = {"an error when the function fails, and answers after it",
                                 "an error with any text"};
    check_failures("lines", {{"drops_error", errors},
                             {"ignores_eof", {at_end, no_process}},
                             {"leaves_a_process", {no_process}},
                             {"writes_while_idle", {idle}}});
    check_failures("framed", {{"drops_error", errors},
                              {"ignores_sigterm", {at_sigterm}},
                              {"swaps_answers", {many}},
                              {"writes_first", {"an event of 6291456 bytes"}},
                              {"writes_while_idle", {idle}}});
}

TEST_CASE("a worker that dies is replaced for the next check") {
    for (const std::string framing : {"lines", "framed"}) {
        const auto report = failing_reports(framing, {"dies"}).at("dies");
        CHECK(those(report, "not ok").count(many) == 1);
        CHECK(those(report, "ok").size() > 10);
        CHECK(contains(report, "message: 'the worker ended: exit status 3'"));
    }
}

// [not-emulated]: QEMU makes a fork of the vfork that starts a program, which then never learns
// that exec failed.
TEST_CASE("a worker that never starts is bailed out of", "[not-emulated]") {
    const auto missing = check_worker("lines", {"/nowhere/worker"});
    CHECK(missing.exit == 1);
    CHECK(contains(missing.output, "\nBail out! could not execute /nowhere/worker: No such file"));
    const auto init_error = check_worker("framed", {helper("broken_worker"), "init_error"});
    CHECK(init_error.exit == 1);
    CHECK(contains(init_error.output,
                   "\nBail out! the worker says that it cannot start: Broken: no luck\n"));
    const auto dead = check_worker("lines", {"sh", "-c", "echo why >&2; exit 7"});
    CHECK(contains(dead.output, "\nBail out! the worker ended: exit status 7\n"));
    CHECK(dead.errors == "why\n");
    CHECK(those(dead.output, "not ok").empty());
}

TEST_CASE("the command line of conformance is explained when it is wrong") {
    CHECK(run_forklift({"conformance"}).exit == 2);
    CHECK(run_forklift({"conformance", "--framing", "frames", "--", "cat"}).exit == 2);
    CHECK(run_forklift({"conformance", "--timeout", "0", "--", "cat"}).exit == 2);
    const auto finished = check_worker(
        "lines", {"sh", "-c", "printf '%s|' \"$@\" >&2", "--", "--framing", "", "[a,b]"});
    CHECK(begins_with(finished.errors, "--framing||[a,b]|"));
}

TEST_CASE("a signal ends the checks and the worker") {
    TaskRoot root;
    Program program(kit("lines", {helper("ignore_sigterm"), root.path_of("pid")}));
    const pid_t worker = std::stoi(root.wait_for_file("pid"));
    program.signal(SIGINT);
    CHECK(program.wait().exit == 130);
    CHECK_FALSE(is_alive(worker));
}
