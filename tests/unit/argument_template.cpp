#include "handlers/argument_template.h"

#include "tests/test.h"

using namespace forklift::handlers;
using forklift::protocol::Failure;
using forklift::test::contains;

namespace {

ArgumentTemplate compiled(std::string_view text) {
    auto result = ArgumentTemplate::compile(text);
    if (auto* mistake = std::get_if<TemplateMistake>(&result)) FAIL(mistake->message);
    return std::get<ArgumentTemplate>(std::move(result));
}

using Arguments = std::vector<std::string>;

Arguments filled(std::string_view text, std::string_view json) {
    Event event(json);
    Arguments arguments;
    const auto failure = compiled(text).fill(event, {"/s/input", "/s/output"}, arguments);
    if (failure) FAIL(failure->message);
    return arguments;
}

Failure failure_of(std::string_view text, std::string_view json) {
    Event event(json);
    Arguments arguments;
    auto failure = compiled(text).fill(event, {}, arguments);
    REQUIRE(failure);
    CHECK(arguments.empty());
    return *failure;
}

}  // namespace

TEST_CASE("an argument without a template is as it stands, and needs no JSON") {
    CHECK(filled("png:-", "not JSON") == Arguments{"png:-"});
    CHECK(filled("", "not JSON") == Arguments{""});
    CHECK(filled("a}b}}", "not JSON") == Arguments{"a}b}}"});
    CHECK(filled("{{a: .b}", "not JSON") == Arguments{"{a: .b}"});
}

TEST_CASE("a template becomes what the event holds, in one argument") {
    CHECK(filled("{/width}x{/height}!", R"({"width": 10, "height": 20})") == Arguments{"10x20!"});
    CHECK(filled("{/a}", R"({"a": "b c"})") == Arguments{"b c"});
    CHECK(filled("{/a}", R"({"a": ""})") == Arguments{""});
    CHECK(filled("{/a}", R"({"a": [1, {"b": null}]})") == Arguments{R"([1,{"b":null}])"});
    CHECK(filled("{/a}", R"({"a": null})") == Arguments{"null"});
    CHECK(filled("{/a}", R"({"a": 12345678901234567890123})") ==
          Arguments{"12345678901234567890123"});
    CHECK(filled("{{{/a}", R"({"a": "{/b}"})") == Arguments{"{{/b}"});
}

TEST_CASE("a default stands in for a missing field") {
    CHECK(filled("{/a|64}", "{}") == Arguments{"64"});
    CHECK(filled("{/a|}", "{}") == Arguments{""});
    CHECK(filled("{/a|x|y}", "{}") == Arguments{"x|y"});
    CHECK(filled("{/a|64}", R"({"a": 1})") == Arguments{"1"});
}

TEST_CASE("an array expands to one argument for each element") {
    CHECK(filled("{@/a}", R"({"a": ["x y", 1, ""]})") == Arguments{"x y", "1", ""});
    CHECK(filled("{@/a}", R"({"a": []})").empty());
    CHECK(filled("{@/a|}", "{}").empty());
    CHECK(filled("{@/a|-h}", "{}") == Arguments{"-h"});
    CHECK(failure_of("{@/a}", "{}").type == "Function.MissingField");
    CHECK(failure_of("{@/a}", R"({"a": "x"})").type == "Function.InvalidEvent");
}

TEST_CASE("the files have their paths") {
    CHECK(filled("png:{output_file}", "x") == Arguments{"png:/s/output"});
    CHECK(compiled("{input_file.pdf}").files().at(0).ending == ".pdf");
}

TEST_CASE("whatever an event holds reaches an argument as it is") {
    for (const std::string value :
         {"; rm -rf /", "$(id)", "--version", "`id`", "a\\nb", "*", "~"}) {
        const auto json = "{\"a\": \"" + value + "\"}";
        CAPTURE(json);
        CHECK(filled("{/a}", json).size() == 1);
    }
    CHECK(filled("{/a}", "{\"a\": \"x\\ny\"}") == Arguments{"x\ny"});
    const std::string large(100'000, 'x');
    CHECK(filled("{/a}", "{\"a\": \"" + large + "\"}") == Arguments{large});
}

TEST_CASE("what cannot be an argument is a failure that says why") {
    CHECK(contains(failure_of("{/a}", "{}").message, "/a"));
    CHECK(failure_of("{/a}", "{}").type == "Function.MissingField");
    CHECK(failure_of("{/a}", "no").type == "Function.InvalidEvent");
    CHECK(failure_of("{/a|x}", "no").type == "Function.InvalidEvent");
    CHECK(failure_of("{/a}", "{\"a\": \"\xff\"}").type == "Function.InvalidEvent");
    CHECK(contains(failure_of("{/a}", R"({"a": "x\u0000y"})").message, "NUL"));
    CHECK(contains(failure_of("{/a}", R"({"a": "\ud800"})").message, "surrogate"));
    const std::string huge(200'000, 'x');
    CHECK(contains(failure_of("{/a}", "{\"a\": \"" + huge + "\"}").message, "131071"));
}

TEST_CASE("a template that is none is a mistake") {
    for (const auto* text : {"{width}", "{}", "{", "a{/b", "{|x}", "{@}", "{@a}", "{/~2}", "x{@/a}",
                             "{@/a}{/b}", "{input}", "{input_file/x}", "{output_file.}"}) {
        CAPTURE(text);
        CHECK(std::holds_alternative<TemplateMistake>(ArgumentTemplate::compile(text)));
    }
}

TEST_CASE("an argument that begins with a field could become an option") {
    CHECK(compiled("{/a}").begins_with_field());
    CHECK(compiled("{@/a}").begins_with_field());
    CHECK_FALSE(compiled("--a={/a}").begins_with_field());
    CHECK_FALSE(compiled("{input_file}").begins_with_field());
    CHECK_FALSE(compiled("--").begins_with_field());
}
