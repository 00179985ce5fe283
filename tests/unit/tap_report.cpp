#include "local/conformance/tap_report.h"

#include "tests/test.h"

using namespace forklift::local;
using forklift::test::contains;

namespace {

struct Written {
    std::string text;
    TapReport report;

    explicit Written(std::size_t checks)
        : report(checks, [this](std::string_view lines) { text += lines; }) {}
};

}  // namespace

TEST_CASE("a TAP report has a plan and numbered checks") {
    Written written(2);
    written.report.passed("one");
    written.report.failed("two",
                          {"it's wrong", "a\"\n", std::string("\0b", 2), "that\nit's right"});
    written.report.note("1 of 2 failed");
    CHECK(written.report.failures() == 1);
    CHECK(written.text ==
          "TAP version 13\n1..2\nok 1 - one\nnot ok 2 - two\n"
          "  ---\n"
          "  message: 'it''s wrong'\n"
          "  sent: \"a\\\"\\n\"\n"
          "  came: \"\\x00b\"\n"
          "  expected: 'that it''s right'\n"
          "  ...\n"
          "# 1 of 2 failed\n");
}

TEST_CASE("a TAP report shows the beginning of what is long, and nothing of what is empty") {
    Written written(1);
    written.report.failed("long", {"why", std::string(1000, 'x'), "", ""});
    CHECK(contains(written.text, "  sent: \"" + std::string(500, 'x') + "\"\n"));
    CHECK(contains(written.text, "  sent_bytes: 1000 # the first 500 are shown\n"));
    CHECK_FALSE(contains(written.text, "came"));
    CHECK_FALSE(contains(written.text, "expected"));
}

TEST_CASE("a TAP report can be broken off") {
    Written written(3);
    written.report.bail_out("no such\nfile");
    CHECK(written.text == "TAP version 13\n1..3\nBail out! no such file\n");
}
