#include "local/conformance_command.h"

#include <fmt/format.h>

#include "local/conformance/checks.h"
#include "local/conformance/session.h"
#include "local/conformance/tap_report.h"
#include "local/conformance/worker_under_test.h"
#include "local/standard_output.h"
#include "local/worker_command.h"

namespace forklift::local {

namespace {

void print(std::string_view lines) { write_to_stdout(lines, "cannot write the report"); }

/// A worker that failed is not trusted with another check.
void run_check(const ConformanceCheck& check, ConformanceSession& session, TapReport& report) {
    try {
        check.run(session);
        session.probe();
        report.passed(check.description);
    } catch (const CheckFailed& failed) {
        session.drop_worker();
        report.failed(check.description, failed.finding);
    }
}

int run_checks(const std::vector<ConformanceCheck>& checks, ConformanceSession& session,
               TapReport& report) {
    try {
        for (const auto& check : checks) run_check(check, session, report);
    } catch (const CannotStart& failed) {
        report.bail_out(failed.reason);
        return 1;
    } catch (const BailOut& out) {
        report.bail_out(out.reason);
        return 1;
    }
    if (report.failures() == 0) return 0;
    report.note(fmt::format("{} of {} checks failed", report.failures(), checks.size()));
    return 1;
}

}  // namespace

int run_conformance(const ConformanceOptions& options) {
    const auto framing =
        options.framing == "framed" ? protocol::Framing::framed : protocol::Framing::lines;
    const auto timeout = std::chrono::milliseconds(
        static_cast<std::chrono::milliseconds::rep>(options.timeout_seconds * 1000));
    const auto checks = conformance_checks(framing);
    try {
        WorkerSurroundings surroundings;
        ConformanceSession session(surroundings, worker_command(options.command, framing), framing,
                                   timeout);
        TapReport report(checks.size(), print);
        return run_checks(checks, session, report);
    } catch (const Interrupted& interrupted) {
        return 128 + interrupted.signal;
    }
}

}  // namespace forklift::local
