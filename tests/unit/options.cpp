#include "handlers/options.h"

#include <set>

#include "handlers/nearest.h"
#include "handlers/option_table.h"
#include "handlers/variables.h"
#include "tests/test.h"

using namespace forklift::handlers;
using namespace std::chrono_literals;
using forklift::test::contains;

namespace {

Options options_of(const std::vector<std::string>& environment) {
    Options options;
    const auto mistakes = read_variables(environment, options);
    for (const auto& mistake : mistakes) UNSCOPED_INFO(mistake);
    CHECK(mistakes.empty());
    return options;
}

}  // namespace

TEST_CASE("options without variables are the defaults") {
    const auto options = options_of({"PATH=/bin", "forklift_output=raw", "XFORKLIFT_OUTPUT=raw"});
    CHECK(options.output == OutputForm::automatic);
    CHECK(options.stop_margin == 300ms);
    CHECK(options.stop_grace == 200ms);
    CHECK(options.max_output == 6'291'556);
    CHECK(options.exit_errors.empty());
}

TEST_CASE("durations have milliseconds or a unit") {
    CHECK(options_of({"FORKLIFT_STOP_MARGIN=1500"}).stop_margin == 1500ms);
    CHECK(options_of({"FORKLIFT_STOP_MARGIN=1500ms"}).stop_margin == 1500ms);
    CHECK(options_of({"FORKLIFT_STOP_MARGIN=2s"}).stop_margin == 2s);
    CHECK(options_of({"FORKLIFT_STOP_GRACE=0"}).stop_grace == 0ms);
}

TEST_CASE("sizes have bytes or a unit") {
    CHECK(options_of({"FORKLIFT_MAX_OUTPUT=1"}).max_output == 1);
    CHECK(options_of({"FORKLIFT_MAX_OUTPUT=64KiB"}).max_output == 65536);
    CHECK(options_of({"FORKLIFT_MAX_OUTPUT=6MiB"}).max_output == 6 * 1024 * 1024);
}

TEST_CASE("exit errors are pairs with spaces between them") {
    const auto options = options_of({"FORKLIFT_EXIT_ERRORS= 3=NotFound  255=A=b "});
    CHECK(options.exit_errors == std::map<int, std::string>{{3, "NotFound"}, {255, "A=b"}});
    CHECK(options_of({"FORKLIFT_EXIT_ERRORS="}).exit_errors.empty());
}

TEST_CASE("a value of the wrong type is a mistake and changes nothing") {
    for (const std::string entry :
         {"FORKLIFT_OUTPUT=RAW", "FORKLIFT_OUTPUT=", "FORKLIFT_MODE=worker ",
          "FORKLIFT_STOP_MARGIN=", "FORKLIFT_STOP_MARGIN=1 s", "FORKLIFT_STOP_MARGIN=1.5s",
          "FORKLIFT_STOP_MARGIN=901s", "FORKLIFT_STOP_MARGIN=99999999999999999999",
          "FORKLIFT_STOP_GRACE=-1", "FORKLIFT_MAX_OUTPUT=0", "FORKLIFT_MAX_OUTPUT=1kb",
          "FORKLIFT_MAX_OUTPUT=0x10", "FORKLIFT_EXIT_ERRORS=3", "FORKLIFT_EXIT_ERRORS=3=",
          "FORKLIFT_EXIT_ERRORS=a=B", "FORKLIFT_EXIT_ERRORS=256=A", "FORKLIFT_EXIT_ERRORS=0=A"}) {
        CAPTURE(entry);
        Options options;
        const auto mistakes = read_variables({entry}, options);
        REQUIRE(mistakes.size() == 1);
        CHECK(contains(mistakes[0], entry.substr(0, entry.find('='))));
        CHECK(contains(mistakes[0], entry.substr(entry.find('=') + 1)));
        CHECK(options.stop_margin == 300ms);
        CHECK(options.exit_errors.empty());
    }
}

TEST_CASE("an unknown variable is a mistake that names the nearest known one") {
    for (const auto& [wrong, right] : std::vector<std::pair<std::string, std::string>>{
             {"FORKLIFT_OUTPT", "FORKLIFT_OUTPUT"},
             {"FORKLIFT_STOP_MARGINE", "FORKLIFT_STOP_MARGIN"},
             {"FORKLIFT_CONTENTTYPE", "FORKLIFT_CONTENT_TYPE"}}) {
        Options options;
        const auto mistakes = read_variables({wrong + "=raw"}, options);
        REQUIRE(mistakes.size() == 1);
        CHECK(contains(mistakes[0], wrong));
        CHECK(contains(mistakes[0], right));
    }
}

TEST_CASE("every option shows a value that it would read") {
    for (const auto& option : option_table()) {
        INFO(option.name);
        Options options;
        const std::string value = option.get(Options());
        const auto mistakes = read_variables({variable_name(option) + "=" + value}, options);
        // There is no command unless one is given; and some defaults follow from the program.
        const std::set<std::string_view> none = {"command", "mode", "framing", "wait_ready",
                                                 "port"};
        CHECK(mistakes.empty() == (none.count(option.name) == 0));
        CHECK_FALSE(option.description.empty());
        CHECK(contains(variable_name(option), "FORKLIFT_"));
    }
}

TEST_CASE("the nearest word takes the fewest edits") {
    CHECK(nearest("kitten", {"sitting", "mitten", "kit"}) == "mitten");
    CHECK(nearest("a", {}).empty());
    CHECK(nearest("same", {"other", "same"}) == "same");
    CHECK(nearest("ab", {"ax", "ay"}) == "ax");
}
