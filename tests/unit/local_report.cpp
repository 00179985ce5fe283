#include "local/answer.h"
#include "local/report_line.h"
#include "tests/test.h"

using namespace forklift::local;
using namespace std::chrono_literals;

TEST_CASE("a REPORT line reads as Lambda's does") {
    Report report;
    report.request_id = "id";
    report.duration = 237170us;
    report.memory_mb = 128;
    report.peak_bytes = 26 * 1024 * 1024 - 1;
    CHECK(report_line(report) ==
          "REPORT RequestId: id\tDuration: 237.17 ms\tBilled Duration: 238 ms\tMemory Size: 128 "
          "MB\tMax Memory Used: 26 MB");
}

TEST_CASE("the first REPORT of an environment has its init, which is billed") {
    Report report;
    report.request_id = "id";
    report.duration = 1ms;
    report.init = 48260us;
    report.memory_mb = 512;
    CHECK(report_line(report) ==
          "REPORT RequestId: id\tDuration: 1.00 ms\tBilled Duration: 50 ms\tMemory Size: 512 "
          "MB\tMax Memory Used: 0 MB\tInit Duration: 48.26 ms");
}

TEST_CASE("a REPORT line says how a failed invocation failed") {
    Report report;
    report.error_type = "Sandbox.Timedout";
    CHECK(forklift::test::contains(report_line(report), "\tStatus: timeout"));
    report.error_type = "Runtime.ExitError";
    CHECK(forklift::test::contains(report_line(report),
                                   "\tStatus: error\tError Type: Runtime.ExitError"));
}

TEST_CASE("the end of a runtime is named as Lambda names it") {
    using namespace forklift::process;
    CHECK(exit_text(Exited{0}) == "Runtime exited without providing a reason");
    CHECK(exit_text(Exited{1}) == "Runtime exited with error: exit status 1");
    CHECK(exit_text(Signaled{9}) == "Runtime exited with error: signal: killed");
    CHECK(exit_text(Signaled{11, true}) ==
          "Runtime exited with error: signal: segmentation fault (core dumped)");
    CHECK(exit_error("id", Exited{1}).payload ==
          R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited )"
          R"(with error: exit status 1"})");
    CHECK(timeout_error("id", 3s).payload ==
          R"({"errorType":"Sandbox.Timedout","errorMessage":"RequestId: id Error: Task timed out )"
          R"(after 3.00 seconds"})");
}
