#include <sys/stat.h>

#include <filesystem>

#include "tests/support/forklift.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;
namespace fs = std::filesystem;

namespace {

/// The answer of a handler `h` with these members in forklift.json.
Posted answer_of(const std::string& members, const std::string& payload,
                 const Variables& environment = {}, const Event& event = {}) {
    TaskRoot root;
    root.file("forklift.json", R"({"handlers": {"h": {)" + members + "}}}");
    Event sent = event;
    sent.payload = payload;
    return answer_to(sent, root, "h", environment);
}

std::string body_of(const std::string& members, const std::string& payload = "{}",
                    const Variables& environment = {}) {
    const auto posted = answer_of(members, payload, environment);
    CHECK(posted.request.path == response_path());
    return posted.request.body();
}

std::string error_of(const std::string& members, const std::string& payload) {
    const auto posted = answer_of(members, payload);
    CHECK(posted.request.path == error_path());
    return Json(posted.request.body()).text("/errorType");
}

/// What a program that prints its arguments prints for one field.
std::string argument_of(const std::string& payload) {
    return Json(body_of(R"("output": "text", "command": [")" + helper("print_arguments") +
                            R"(", "{/a}"])",
                        payload))
        .text();
}

constexpr const char* three_handlers = R"({"handlers": {
    "count": {"command": ["wc", "-c"], "input": "/text"},
    "greet": {"command": ["printf", "hello %s", "{/name|world}"]},
    "decode": {"command": ["cat"], "input": "/data", "input_encoding": "base64"}}})";

}  // namespace

TEST_CASE("three handlers work from one directory, by forklift and by bootstrap") {
    TaskRoot root;
    root.file("forklift.json", three_handlers);
    const std::string here = root.path_of(".");
    CHECK(run_forklift({"invoke", "count", R"({"text": "12345"})"}, here).output == "5\n");
    CHECK(run_forklift({"invoke", "greet", R"({"name": "Ada"})"}, here).output == "\"hello Ada\"");
    CHECK(run_forklift({"invoke", "decode", R"({"data": "WzFd"})"}, here).output == "[1]");
    fs::rename(root.path_of("forklift.json"), root.path_of("other.json"));
    CHECK(run_forklift({"invoke", "greet", "{}", "--env", "FORKLIFT_CONFIG=other.json"}, here)
              .output == "\"hello world\"");
}

TEST_CASE("a folder with one handler is a handler, and one with several names them") {
    TaskRoot root;
    root.file("forklift.json", three_handlers);
    fs::create_directory(root.path_of("one"));
    root.file("one/forklift.json", R"({"handlers": {"hi": {"command": ["echo", "hi"]}}})");
    const std::string here = root.path_of(".");
    CHECK(run_forklift({"invoke", "one"}, here).output == "\"hi\"");
    CHECK(run_forklift({"invoke", "one/hi"}, here).output == "\"hi\"");
    const auto several = run_forklift({"invoke", "."}, here);
    CHECK(several.exit == 2);
    CHECK(contains(several.errors, "count, greet, decode"));
    CHECK(run_forklift({"invoke", "./greet"}, here).output == "\"hello world\"");
}

TEST_CASE("check lists every option in three forms") {
    CHECK(contains(run_forklift({"check", "--options"}).output, "FORKLIFT_STOP_MARGIN"));
    CHECK(run_forklift({"check", "--options", "schema"}).output ==
          read_file(std::string(FORKLIFT_SOURCE_DIR) + "/docs/forklift.schema.json"));
    CHECK(contains(run_forklift({"check", "--options=markdown"}).output, "| `stop_margin` |"));
    CHECK(run_forklift({"check"}).exit == 2);
}

TEST_CASE("an entry wins over a file of that name, and a variable over the entry") {
    TaskRoot root;
    root.script("h", "echo file");
    CHECK(answer_to({}, root, "h").request.body() == "\"file\"");
    root.file("forklift.json", R"({"handlers": {"h": {"command": ["echo", "entry"]}}})");
    CHECK(answer_to({}, root, "h").request.body() == "\"entry\"");
    CHECK(answer_to({}, root, "h", {{"FORKLIFT_COMMAND", "echo variable"}}).request.body() ==
          "\"variable\"");
    CHECK(answer_to({}, root, "nothing", {{"FORKLIFT_COMMAND", R"(["echo", "a b"])"}})
              .request.body() == "\"a b\"");
    root.file("forklift.json", R"({"handlers": {"h": {"output": "base64"}}})");
    CHECK(answer_to({}, root, "h").request.body() == "\"ZmlsZQo=\"");
}

TEST_CASE("a command is found in the task root before PATH") {
    TaskRoot root;
    fs::create_directory(root.path_of("bin"));
    root.script("bin/tool", "echo in bin");
    root.script("wc", "echo mine");
    root.file("forklift.json", R"({"handlers": {"a": {"command": ["bin/tool"]},
        "b": {"command": ["wc"]}, "c": {"command": ["nowhere"]}}})");
    CHECK(answer_to({}, root, "a").request.body() == "\"in bin\"");
    CHECK(answer_to({}, root, "b").request.body() == "\"mine\"");
    RuntimeApiServer server;
    Bootstrap bootstrap(server, root, "c");
    CHECK(Json(server.next_post().body()).text("/errorType") == "Runtime.NoSuchHandler");
}

TEST_CASE("every mistake of an entry is an init error, and a warning for the others") {
    TaskRoot root;
    root.script("c", "echo 1");
    root.file("forklift.json", R"({"handlers": {"a": {"comand": [], "timeout": "never"},
        "b": {"stop_margin": "soon"}, "web": {"mode": "http"}, "c": {}}})");
    RuntimeApiServer server;
    Bootstrap wrong(server, root, "a");
    const Json error(server.next_post().body());
    CHECK(error.text("/errorType") == "Runtime.ConfigInvalid");
    CHECK(contains(error.text("/errorMessage"), "/handlers/a/comand: found the unknown key"));
    CHECK(contains(error.text("/errorMessage"), "/handlers/a/timeout: found \"never\""));
    CHECK_FALSE(contains(error.text("/errorMessage"), "/handlers/b"));
    CHECK(wrong.wait().exit == 1);
    CHECK(contains(wrong.errors(), "WARN\tthe handler b cannot run"));

    server.add({});
    Bootstrap right(server, root, "c");
    CHECK(server.next_post().body() == "1\n");
    server.wait_until_idle();
    CHECK(contains(right.errors(), "/handlers/b/stop_margin: found \"soon\""));
    CHECK(contains(right.errors(), "WARN\tthe handler web cannot run"));
    const auto checked = run_forklift({"check", "c"}, root.path_of("."));
    CHECK(checked.exit == 0);
    CHECK(contains(checked.output, "warning   the handler b cannot run"));
}

TEST_CASE("a mistake of the whole file is every handler's") {
    TaskRoot root;
    root.script("c", "echo 1");
    root.file("forklift.json", R"({"handler": {"a": {}}, "handlers": {"c": {}}})");
    RuntimeApiServer server;
    Bootstrap bootstrap(server, root, "c");
    CHECK(Json(server.next_post().body()).text("/errorType") == "Runtime.ConfigInvalid");
}

TEST_CASE("check tells ten mistakes in one run, and warns of arguments that become options") {
    TaskRoot root;
    root.file("forklift.json", R"({"handlers": {
        "a": {"comand": ["x"], "mode": "spoon", "output": "xml", "timeout": "soon",
              "max_output": 0, "success_codes": [0, 256], "command": ["x", "{width}"]},
        "b": {"limits": {"memroy": "1GiB"}, "scratch": "yes", "exit_errors": {"0": "Fine"}}}})");
    const auto wrong = run_forklift({"check", "a"}, root.path_of("."));
    CHECK(wrong.exit == 1);
    CHECK(std::count(wrong.errors.begin(), wrong.errors.end(), '\n') == 10);
    root.file("forklift.json", R"({"handlers": {"a": {"command": ["ls", "{/x}"]},
                                                "b": {"command": ["ls", "--", "{/x}"]},
        "c": {"command": ["ls", "--width", "{/x|64}"]},
        "d": {"command": ["ls", "{/x}", "-w", "{/y}"], "event_options": true}}})");
    CHECK(contains(run_forklift({"check", "a"}, root.path_of(".")).output, "make an option of it"));
    CHECK_FALSE(contains(run_forklift({"check", "b"}, root.path_of(".")).output, "warning"));
    const auto value = run_forklift({"check", "c"}, root.path_of(".")).output;
    CHECK_FALSE(contains(value, "warning"));
    CHECK(contains(value, "note      the argument \"{/x|64}\" is taken for the value of --width"));
    const auto wanted = run_forklift({"check", "d"}, root.path_of(".")).output;
    CHECK_FALSE(contains(wanted, "make an option of it"));
}

TEST_CASE("whatever an event holds reaches a tool as exactly one argument") {
    CHECK(argument_of(R"({"a": "; rm -rf /"})") == "10:; rm -rf /");
    CHECK(argument_of("{\"a\": \"$(id)\"}") == "5:$(id)");
    CHECK(argument_of(R"({"a": "--version"})") == "9:--version");
    CHECK(argument_of(R"({"a": "x\ny\n"})") == "4:x\ny\n");
    CHECK(argument_of(R"({"a": ""})") == "0:");
    const std::string large(100'000, 'x');
    CHECK(argument_of("{\"a\": \"" + large + "\"}") == "100000:" + large);
    const std::string deep = std::string(5000, '[') + std::string(5000, ']');
    CHECK(argument_of("{\"a\": " + deep + "}") == "10000:" + deep);
}

TEST_CASE("an event that cannot be an argument gets an error that says so") {
    const std::string members = R"("command": ["echo", "{/a}"])";
    CHECK(error_of(members, "{\"a\": \"\xff\"}") == "Function.InvalidEvent");
    CHECK(error_of(members, R"({"a": "\u0000"})") == "Function.InvalidEvent");
    CHECK(error_of(members, "{\"a\": \"" + std::string(200'000, 'x') + "\"}") ==
          "Function.InvalidEvent");
    CHECK(error_of(members, "no JSON") == "Function.InvalidEvent");
    CHECK(error_of(members, "{}") == "Function.MissingField");
}

TEST_CASE("input is what the option says") {
    CHECK(body_of(R"("command": ["cat"], "input": "none")", "[1]") == "\"\"");
    CHECK(body_of(R"("command": ["cat"], "input": "/a/0")", R"({"a": [{"b": 1.0}]})") ==
          R"({"b": 1.0})");
    CHECK(body_of(R"("command": ["cat"], "input": "body")",
                  R"({"requestContext": {}, "body": "aGk=", "isBase64Encoded": true})") ==
          "\"hi\"");
    CHECK(error_of(R"("command": ["cat"], "input": "/a")", "{}") == "Function.MissingField");
    CHECK(error_of(R"("command": ["cat"], "input": "/a", "input_encoding": "base64")",
                   R"({"a": "?"})") == "Function.InvalidEvent");
    CHECK(error_of(R"("command": ["cat"], "input": "/a", "input_encoding": "base64")",
                   R"({"a": 1})") == "Function.InvalidEvent");
    CHECK(error_of(R"("command": ["cat"], "input": "body")", "{}") == "Function.InvalidEvent");
}

TEST_CASE("exit statuses and signals mean what the entry says") {
    CHECK(error_of(R"("command": ["sh", "-c", "exit 4"], "exit_errors": {"4": "Four"})", "{}") ==
          "Four");
    CHECK(error_of(R"("command": ["sh", "-c", "kill -SEGV $$"],
                      "exit_errors": {"SIGSEGV": "Crashed"})",
                   "{}") == "Crashed");
    CHECK(body_of(R"("command": ["sh", "-c", "echo differs; exit 1"], "success_codes": [0, 1])") ==
          "\"differs\"");
    CHECK(error_of(R"("command": ["true"], "success_codes": [1])", "{}") == "Function.ExitStatus");
}

TEST_CASE("environment, folder and limits are the entry's") {
    CHECK(body_of(R"("command": ["sh", "-c", "echo $A; pwd; ulimit -n"], "env": {"A": "b c"},
                     "cwd": "/usr", "limits": {"files": 40})") == "\"b c\\n/usr\\n40\"");
}

TEST_CASE("a timeout ends a run long before the deadline") {
    const auto posted = answer_of(R"("command": ["sleep", "30"], "timeout": "200ms")", "{}");
    const Json error(posted.request.body());
    CHECK(error.text("/errorType") == "Function.Timeout");
    CHECK(contains(error.text("/errorMessage"), "200 ms, its timeout"));
}

TEST_CASE("a scratch directory is a run's own, and gone after it") {
    const auto members =
        R"("scratch": true, "command": ["sh", "-c", "touch $TMPDIR/a; ls $TMPDIR; echo $TMPDIR; exit 0"])";
    const std::string body = Json(body_of(members)).text();
    CHECK(begins_with(body, "a\n/tmp/forklift-"));
    CHECK_FALSE(fs::exists(body.substr(2)));
    const auto killed = answer_of(R"("scratch": true, "timeout": "200ms", "stop_grace": "50ms",
                     "command": ["sh", "-c", "echo $TMPDIR >&2; trap '' TERM; sleep 30; sleep 30"])",
                                  "{}");
    const auto path = Json(killed.request.body()).texts("/stackTrace").at(0);
    CHECK(begins_with(path, "/tmp/forklift-"));
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a scratch directory goes however deep a program has made it") {
    if (!has_tool("perl")) return;
    TaskRoot root;
    root.executable("deep",
                    "#!/usr/bin/env perl\nprint $ENV{TMPDIR}; chdir $ENV{TMPDIR};\n"
                    "for (1..3000) { mkdir 'd'; chdir 'd' }\n");
    const auto posted = answer_to({}, root, "deep", {{"FORKLIFT_SCRATCH", "true"}});
    const std::string path = Json(posted.request.body()).text();
    CHECK(begins_with(path, "/tmp/forklift-"));
    CHECK_FALSE(fs::exists(path));
    CHECK_FALSE(contains(posted.errors, "could not be removed"));
}

TEST_CASE("a configuration file that is no file, or has no end, is named and not read") {
    TaskRoot root;
    root.script("h", "echo 1");
    const auto path = root.path_of("forklift.json");
    const auto error = [&] {
        const auto finished = run_forklift({"invoke", "h", "{}"}, root.path_of("."));
        CHECK(finished.exit == 1);
        CHECK(contains(finished.output, "Runtime.ConfigInvalid"));
        return finished.output;
    };
    CHECK(::mkfifo(path.c_str(), 0600) == 0);
    CHECK(contains(error(), "forklift.json is not a regular file"));
    fs::remove(path);
    fs::create_symlink("/dev/zero", path);
    CHECK(contains(error(), "forklift.json is not a regular file"));
    fs::remove(path);
    fs::create_directory(path);
    CHECK(contains(error(), "forklift.json is not a regular file"));
    fs::remove(path);
    root.file("forklift.json", std::string(1024 * 1024 + 1, ' '));
    CHECK(contains(error(), "forklift.json has more than 1048576 bytes"));
    fs::remove(path);
    fs::create_symlink("nowhere", path);
    CHECK(contains(error(), "forklift.json cannot be read"));
}

TEST_CASE("a tool that only knows files gets its files") {
    CHECK(body_of(R"("command": ["cp", "{input_file}", "{output_file.txt}"], "input": "/a")",
                  R"({"a": "some text"})") == "\"some text\"");
    CHECK(body_of(R"("command": ["sh", "-c", "cat; echo $1 | sed s/.*input/input/",
                     "sh", "{input_file.png}"])",
                  "x") == "\"input.png\"");
    CHECK(error_of(R"("command": ["true", "{output_file}"])", "{}") == "Function.InvalidOutput");
    CHECK(error_of(R"("command": ["ln", "-s", "/etc/passwd", "{output_file}"])", "{}") ==
          "Function.InvalidOutput");
    CHECK(error_of(R"("command": ["cp", "/bin/sh", "{output_file}"], "max_output": 100)", "{}") ==
          "Function.ResponseSizeTooLarge");
    const auto large =
        answer_of(R"("command": ["sh", "-c", "head -c 5000 /dev/zero >$0", "{output_file}"],
                                    "max_output": 100)",
                  "{}");
    CHECK(contains(Json(large.request.body()).text("/errorMessage"), "(5000 bytes)"));
    CHECK(error_of(R"("command": ["sh", "-c", "exit 3", "{output_file}"])", "{}") ==
          "Function.ExitStatus");
}
