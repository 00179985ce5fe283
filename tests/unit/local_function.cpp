#include "local/function.h"
#include "local/invoke_api.h"
#include "local/runtime_error.h"
#include "protocol/base64.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::local;

TEST_CASE("a function's name is made from its handler") {
    CHECK(name_of_handler("greet.sh") == "greet");
    CHECK(name_of_handler("app.main") == "app");
    CHECK(name_of_handler("bin/do it") == "do-it");
    CHECK(name_of_handler(std::string(100, 'x')).size() == 64);
}

TEST_CASE("a handler that names a file lives in the file's folder") {
    forklift::test::TaskRoot root;
    root.script("functions/greet.sh", "cat");
    const auto folder = std::filesystem::canonical(root.path_of("functions"));

    const auto file = place_handler(root.path_of("functions/greet.sh"), "");
    CHECK(file.task_root == folder);
    CHECK(file.handler == "greet.sh");
    const auto function = place_handler(root.path_of("functions/greet.hello"), "");
    CHECK(function.task_root == folder);
    CHECK(function.handler == "greet.hello");
    const auto name = place_handler("no-such-file", "");
    CHECK(name.task_root == std::filesystem::current_path());
    CHECK(name.handler == "no-such-file");
    const auto chosen = place_handler("functions/greet.sh", root.path());
    CHECK(chosen.handler == "functions/greet.sh");
}

TEST_CASE("a client context is base64 of a JSON object and becomes one line") {
    using forklift::protocol::base64_encode;
    CHECK(decode_client_context(base64_encode("{\n\"a\": 1\r\n}")) == "{ \"a\": 1  }");
    CHECK_FALSE(decode_client_context(base64_encode("[1]")));
    CHECK_FALSE(decode_client_context("{}"));
}

TEST_CASE("error types are known by the platform's rule") {
    CHECK(known_error_type("Function.ExitStatus") == "Function.ExitStatus");
    CHECK(known_error_type("Runtime.NoSuchHandler") == "Runtime.NoSuchHandler");
    CHECK(known_error_type("Function.lower") == "Function.Unknown");
    CHECK(known_error_type("Function.X") == "Function.Unknown");
    CHECK(known_error_type("unhandled") == "Runtime.Unknown");
    CHECK(known_error_type("") == "Runtime.Unknown");
}
