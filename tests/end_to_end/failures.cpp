#include <csignal>

#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/test.h"

using namespace forklift::test;

/// Each row of the table of errors, as it goes over the wire.
namespace {

/// What is the same of every error; returns its body.
Json check_error(const Request& request, const std::string& type,
                 const std::string& path = error_path()) {
    CHECK(request.method == "POST");
    CHECK(request.path == path);
    CHECK(request.header("Content-Type") == "application/json");
    CHECK(request.header("Lambda-Runtime-Function-Error-Type") == type);
    CHECK(request.message.count("Lambda-Runtime-Function-Error-Type") == 1);
    CHECK_FALSE(request.header("Expect"));

    Json body(request.body());
    CHECK(body.size() == 3);
    CHECK(body.text("/errorType") == type);
    CHECK(body.has("/stackTrace"));

    const Json cause(request.header("Lambda-Runtime-Function-XRay-Error-Cause").value_or(""));
    CHECK(cause.text("/exceptions/0/type") == type);
    CHECK(cause.text("/exceptions/0/message") == body.text("/errorMessage"));
    CHECK(cause.has("/working_directory"));
    CHECK(cause.has("/paths"));
    return body;
}

Json error_of_script(const std::string& lines, const std::string& type,
                     const Variables& environment = {}) {
    return check_error(answer_of_script(lines, environment).request, type);
}

}  // namespace

TEST_CASE("an exit status that is not 0 is an error with the last lines of stderr") {
    const auto body =
        error_of_script("echo first >&2; echo second >&2; echo out; exit 3", "Function.ExitStatus");
    CHECK(contains(body.text("/errorMessage"), "exit status 3"));
    CHECK(body.texts("/stackTrace") == std::vector<std::string>{"first", "second"});
}

TEST_CASE("an exit status has the name that it was given") {
    const Variables names{{"FORKLIFT_EXIT_ERRORS", "3=NotFound 4=Denied"}};
    CHECK(contains(error_of_script("exit 3", "NotFound", names).text("/errorMessage"), "3"));
    error_of_script("exit 4", "Denied", names);
    error_of_script("exit 5", "Function.ExitStatus", names);
}

TEST_CASE("a failing program may say itself what happened") {
    const auto body = error_of_script(
        R"(echo '{"errorType":"Shop.SoldOut","errorMessage":"no more \"tea\""}'; exit 1)",
        "Shop.SoldOut");
    CHECK(body.text("/errorMessage") == "no more \"tea\"");
}

TEST_CASE("the name given to an exit status yields to the program's own words") {
    error_of_script(R"(echo '{"errorType":"Own","errorMessage":"m"}'; exit 3)", "Own",
                    {{"FORKLIFT_EXIT_ERRORS", "3=NotFound"}});
}

TEST_CASE("an error object of a program that exits 0 is an answer like any other") {
    const auto posted = answer_of_script(R"(echo '{"errorType":"A","errorMessage":"b"}')");
    CHECK(posted.request.path == response_path());
}

TEST_CASE("an error type that no header can hold cannot smuggle a header in") {
    const auto posted = answer_of_script(
        R"(printf '{"errorType":"A\\r\\nX-Evil: 1","errorMessage":"caf\303\251"}'; exit 1)");
    CHECK(posted.request.path == error_path());
    CHECK_FALSE(posted.request.header("X-Evil"));
    CHECK(posted.request.message.count("Lambda-Runtime-Function-Error-Type") == 1);
    CHECK(Json(posted.request.body()).text("/errorMessage") == "caf\xc3\xa9");
}

TEST_CASE("a signal is an error that names it") {
    const auto body = error_of_script("echo last words >&2; kill -SEGV $$", "Function.Signal");
    CHECK(contains(body.text("/errorMessage"), "SIGSEGV"));
    CHECK(contains(body.text("/errorMessage"), "11"));
    CHECK(body.texts("/stackTrace") == std::vector<std::string>{"last words"});
}

TEST_CASE("a program that is killed is told from one that exits with the same number") {
    CHECK(contains(error_of_script("kill -KILL $$", "Function.Signal").text("/errorMessage"),
                   "SIGKILL"));
    CHECK(contains(error_of_script("exit 137", "Function.ExitStatus").text("/errorMessage"),
                   "exit status 137"));
}

TEST_CASE("a deadline is an error before the deadline") {
    Event event;
    event.time_left = std::chrono::seconds(3);
    const auto start = std::chrono::system_clock::now();
    const auto posted = answer_of_script("echo begun >&2; sleep 30", {}, event);
    const auto body = check_error(posted.request, "Function.Timeout");
    CHECK_FALSE(body.text("/errorMessage").empty());
    CHECK(body.texts("/stackTrace") == std::vector<std::string>{"begun"});
    CHECK(posted.request.received - start < std::chrono::milliseconds(3000));
    CHECK(posted.request.received - start > std::chrono::milliseconds(2500));
}

TEST_CASE("output over the limit is an error") {
    const auto body =
        error_of_script("head -c 1001 /dev/zero; echo why >&2", "Function.ResponseSizeTooLarge",
                        {{"FORKLIFT_MAX_OUTPUT", "1000"}});
    CHECK(contains(body.text("/errorMessage"), "1000"));
}

TEST_CASE("output that is not what was asked for is an error") {
    error_of_script("echo not json", "Function.InvalidOutput", {{"FORKLIFT_OUTPUT", "json"}});
    error_of_script("exit 0", "Function.InvalidOutput", {{"FORKLIFT_OUTPUT", "json"}});
    error_of_script("printf '\\377'", "Function.InvalidOutput", {{"FORKLIFT_OUTPUT", "text"}});
}

// [not-emulated]: QEMU makes a fork of the vfork that starts a program, which then never learns
// that exec failed.
TEST_CASE("a program that cannot be started is an error with step and errno", "[not-emulated]") {
    TaskRoot root;
    root.executable("handler", "#!/usr/bin/no-such-interpreter\n");
    const auto posted = answer_to({}, root, "handler");
    const auto message = check_error(posted.request, "Runtime.SpawnFailed").text("/errorMessage");
    CHECK(contains(message, "execute"));
    CHECK(contains(message, "ENOENT"));
    CHECK(contains(message, "/usr/bin/no-such-interpreter"));
}

// [not-emulated]: as above.
TEST_CASE("a file that is no program is an error at its invocation", "[not-emulated]") {
    TaskRoot root;
    root.executable("handler", "just words\n");
    const auto posted = answer_to({}, root, "handler");
    const auto message = check_error(posted.request, "Runtime.SpawnFailed").text("/errorMessage");
    CHECK(contains(message, "ENOEXEC"));
}

// [not-emulated]: as above.
TEST_CASE("a script that gets Windows line ends between two events says so", "[not-emulated]") {
    RuntimeApiServer server;
    server.add_many(2, {});
    TaskRoot root;
    root.script("handler", R"(printf '#!/bin/sh\r\necho 1\n' >"$0")");
    Bootstrap bootstrap(server, root, "handler");
    CHECK(server.next_post().path == response_path("event-1"));
    const auto post = server.next_post();
    CHECK(post.header("Lambda-Runtime-Function-Error-Type") == "Runtime.SpawnFailed");
    CHECK(contains(Json(post.body()).text("/errorMessage"), "carriage return"));
}

TEST_CASE("a failure is followed by the next event") {
    RuntimeApiServer server;
    TaskRoot root;
    for (const auto* how : {"exit 1", "kill -KILL $$", "echo 1", "exec /no/such", "echo 2"})
        server.add({.payload = how});
    Bootstrap bootstrap(server, root, root.script("handler", "eval \"$(cat)\""));
    CHECK(server.next_post().path == error_path());
    CHECK(server.next_post().path == error_path());
    CHECK(server.next_post().body() == "1\n");
    CHECK(server.next_post().path == error_path());
    CHECK(server.next_post().body() == "2\n");
    server.wait_until_idle();
    CHECK(server.posts().size() == 5);
}

TEST_CASE("bytes of stderr that are not UTF-8 still make an error document") {
    const auto body = error_of_script("printf 'bad \\377 byte\\n\\033[31mred\\n' >&2; exit 1",
                                      "Function.ExitStatus");
    CHECK(body.texts("/stackTrace") ==
          std::vector<std::string>{"bad \xef\xbf\xbd byte", "\x1b[31mred"});
}

TEST_CASE("a missing handler is an init error that lists the places looked at") {
    RuntimeApiServer server;
    TaskRoot root;
    Bootstrap bootstrap(server, root, "no-such-handler");
    const auto post = server.next_post();
    const auto body = check_error(post, "Runtime.NoSuchHandler", "/2018-06-01/runtime/init/error");
    CHECK(contains(body.text("/errorMessage"), root.path_of("no-such-handler")));
    CHECK(contains(body.text("/errorMessage"), "PATH"));
    const auto finished = bootstrap.wait();
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, "no-such-handler"));
    CHECK(server.polls() == 0);
}

TEST_CASE("an unknown variable is an init error that names the nearest known one") {
    RuntimeApiServer server;
    TaskRoot root;
    Bootstrap bootstrap(server, root, root.script("handler", "cat"), {{"FORKLIFT_OUTPT", "raw"}});
    const auto body =
        check_error(server.next_post(), "Runtime.ConfigInvalid", "/2018-06-01/runtime/init/error");
    CHECK(contains(body.text("/errorMessage"), "FORKLIFT_OUTPT"));
    CHECK(contains(body.text("/errorMessage"), "FORKLIFT_OUTPUT"));
    CHECK(bootstrap.wait().exit == 1);
    CHECK(server.polls() == 0);
}
