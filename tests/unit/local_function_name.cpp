#include "local/function_name.h"

#include "tests/test.h"

using namespace forklift::local;
using forklift::test::contains;

namespace {

/// "NAME", "NAME QUALIFIER", or what is wrong.
std::string read(const std::string& text) {
    const auto read = read_function_name(text);
    if (const auto* wrong = std::get_if<std::string>(&read)) return *wrong;
    const auto& name = std::get<FunctionName>(read);
    return name.qualifier.empty() ? name.name : name.name + " " + name.qualifier;
}

bool is_name(const std::string& text) {
    return std::holds_alternative<FunctionName>(read_function_name(text));
}

}  // namespace

TEST_CASE("a function is named by its name or by more or less of its ARN") {
    CHECK(read("f") == "f");
    CHECK(read("My-function_1") == "My-function_1");
    CHECK(read("f:7") == "f 7");
    CHECK(read("f:$LATEST") == "f $LATEST");
    CHECK(read("f:$LATEST.PUBLISHED") == "f $LATEST.PUBLISHED");
    CHECK(read("f.handler") == "f.handler");
    CHECK(read("f:prod-1_a") == "f prod-1_a");
    CHECK(read("function:f") == "f");
    CHECK(read("123456789012:f") == "f");
    CHECK(read("123456789012:function:f:prod") == "f prod");
    CHECK(read("us-east-1:123456789012:function:f") == "f");
    CHECK(read("arn:aws:lambda:us-east-1:123456789012:function:f") == "f");
    CHECK(read("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f:7") == "f 7");
    CHECK(read("arn:aws-iso-b:lambda:us-isob-east-1:123456789012:function:f") == "f");
}

TEST_CASE("what could be a part of an ARN is a name where no other is left") {
    CHECK(read("123456789012") == "123456789012");
    CHECK(read("function") == "function");
    CHECK(read("us-east-1") == "us-east-1");
    CHECK(read("function:function") == "function");
    CHECK(read("function:function:function") == "function function");
    CHECK(read("1234567890123:f") == "1234567890123 f");
    CHECK(read("us-east-11:f") == "us-east-11 f");
    CHECK(read("arn:aws") == "arn aws");
}

TEST_CASE("what names no function fails a constraint of the API") {
    for (const char* text :
         {"bad name", "a/b", "a:b.c", "f:", ":f", "f:g:h", "f:$OTHER", "f:a b", "f\n", "f\r\nX: 1",
          "\xc3\xa4", "arn:aws:lambda:us-east-1:123456789012:function:", "arn:aws:s3:::bucket",
          "f:7:", "::",
          "arn:aws:lambda:US-EAST-1:"
          "123456789012:function:f"}) {
        CAPTURE(text);
        CHECK(contains(read(text), "Member must satisfy regular expression pattern: (arn:("));
    }
    CHECK(read("") == "Member must have length greater than or equal to 1");
}

TEST_CASE("a name has 64 characters at most, and 170 with all that may stand around it") {
    const std::string name(64, 'n');
    const std::string arn = "arn:aws:lambda:us-east-1:123456789012:function:";
    CHECK(is_name(name));
    CHECK(is_name(arn + name));
    CHECK(read(name + "n") == "Member must have length less than or equal to 64");
    CHECK(read(arn + name + "n") == "Member must have length less than or equal to 64");
    const auto of_size = [&](std::size_t size) { return "f:" + std::string(size - 2, 'q'); };
    CHECK(is_name(of_size(170)));
    CHECK(read(of_size(171)) == "Member must have length less than or equal to 170");
    CHECK(read(std::string(60'000, ':')) == "Member must have length less than or equal to 170");
}

TEST_CASE("a number is a version of its own, and anything else runs the latest") {
    CHECK(version_of("7") == "7");
    CHECK(version_of("0123") == "0123");
    for (const char* other : {"", "$LATEST", "prod", "7a"}) CHECK(version_of(other) == "$LATEST");
}
