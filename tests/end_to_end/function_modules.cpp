#include <sstream>

#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/tools.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;

/// What lies beside a function under the name of something that its language has already, and what
/// the function's file defines under such a name, is the function's: the shim never meets it.
namespace {

/// The words that a program prints.
std::vector<std::string> words_of(const std::vector<std::string>& argv) {
    std::istringstream words(
        run_program({.argv = argv, .environment = usual_environment()}).output);
    std::vector<std::string> all;
    for (std::string word; words >> word;) all.push_back(word);
    return all;
}

/// The modules of Python's standard library that there are here.
std::vector<std::string> library_of_python() {
    return words_of({"python3", "-c", R"(
import sys, importlib.util
names = getattr(sys, "stdlib_module_names", "asyncio decimal linecache logging tokenize traceback".split())
print(*(name for name in names if importlib.util.find_spec(name)))
)"});
}

/// The modules of Perl's library, as paths.
std::vector<std::string> library_of_perl() {
    return words_of({"perl", "-MFile::Find", "-e", R"(
for my $folder (grep { -d } @INC) {
    find({no_chdir => 1, wanted => sub { print substr($_, 1 + length $folder), "\n" if /\.p[lm]$/ }}, $folder);
}
)"});
}

void check_error(const Posted& posted, const std::string& type, const std::string& message) {
    CAPTURE(posted.errors, posted.request.body());
    CHECK(posted.request.path == error_path());
    CHECK(error_type(posted.request) == type);
    CHECK(contains(error_message(posted.request), message));
    CHECK_FALSE(contains(posted.errors, "trap"));
}

void check_answer(const Posted& posted, const std::string& body) {
    CAPTURE(posted.errors);
    CHECK(posted.request.path == response_path());
    CHECK(posted.request.body() == body);
    CHECK_FALSE(contains(posted.errors, "trap"));
}

const std::string python_functions = R"(
import sys


class Lost(Exception):
    pass


def fail(event, context):
    try:
        {}["key"]
    except KeyError as error:
        raise Lost("no luck") from error


async def wait(event, context):
    return event


async def fail_later(event, context):
    raise Lost("no luck")


def strange(event, context):
    return {"a": object()}


def shift(event, context):
    return sys.modules[__name__].__name__
)";

}  // namespace

TEST_CASE("traceback.py or linecache.py beside a Python function that raises hides no error") {
    if (!has_tool("python3")) return;
    for (const auto* name : {"traceback.py", "linecache.py"}) {
        TaskRoot root;
        root.file(name, "");
        root.file("hello.py", python_functions);
        check_error(answer_to({}, root, "hello.fail"), "Lost", "no luck");
    }
}

TEST_CASE("a Python function may have a file of any name of the standard library beside it") {
    if (!has_tool("python3")) return;
    TaskRoot root;
    for (const std::string& name : library_of_python())
        root.file(name + ".py", "raise RuntimeError('trap')\n");
    root.file("hello.py", python_functions);
    check_error(answer_to({}, root, "hello.fail"), "Lost", "no luck");
    check_error(answer_to({}, root, "hello.fail_later"), "Lost", "no luck");
    check_error(answer_to({}, root, "hello.strange"), "Runtime.MarshalError", "object");
    check_answer(answer_to({.payload = "[1]"}, root, "hello.wait"), "[1]");
}

TEST_CASE("a Python function may import modules of its own with names of the standard library") {
    if (!has_tool("python3")) return;
    TaskRoot root;
    root.file("logging.py", "level = 7\n");
    root.file("asyncio.py", "import logging\nlevel = logging.level\n");
    root.file("hello.py", "import asyncio, logging\n" + python_functions + R"(

async def levels(event, context):
    return [asyncio.level, logging.level]
)");
    check_answer(answer_to({}, root, "hello.levels"), "[7,7]");
    const auto failed = answer_to({}, root, "hello.fail_later");
    check_error(failed, "Lost", "no luck");
    CHECK(contains(Json(failed.request.body()).texts("/stackTrace").at(0), "hello.py"));
}

TEST_CASE("a Python function's file may have a name of the standard library") {
    if (!has_tool("python3")) return;
    for (const std::string name : {"asyncio", "decimal", "linecache", "logging", "traceback"}) {
        TaskRoot root;
        root.file(name + ".py", python_functions);
        CAPTURE(name);
        check_answer(answer_to({.payload = "[1]"}, root, name + ".wait"), "[1]");
        const auto failed = answer_to({}, root, name + ".fail");
        check_error(failed, "Lost", "no luck");
        CHECK(contains(Json(failed.request.body()).texts("/stackTrace").at(0), name + ".py"));
    }
}

TEST_CASE("PYTHONPATH may lead to files with names of the standard library") {
    if (!has_tool("python3")) return;
    TaskRoot root;
    root.file("json.py", "raise RuntimeError('trap')\n");
    root.file("lib/words.py", "greeting = 'Hello'\n");
    root.file("hello.py",
              "from words import greeting\n\n\ndef handler(event, context):\n"
              "    return greeting\n");
    check_answer(answer_to({}, root, "hello.handler",
                           {{"PYTHONPATH", root.path() + ":" + root.path_of("lib")}}),
                 "\"Hello\"");
}

TEST_CASE("a Perl function may have a file of any name of Perl's library beside it") {
    if (!has_tool("perl")) return;
    TaskRoot root;
    for (const std::string& name : library_of_perl()) root.file(name, "die 'trap';\n");
    root.file("hello.pl", R"(
sub fail { die "no luck\n" }
sub strange { return { a => \&fail } }
sub handler { return $_[0] }
)");
    check_error(answer_to({}, root, "hello.fail"), "Error", "no luck");
    check_error(answer_to({}, root, "hello.strange"), "Runtime.MarshalError", "CODE");
    check_error(answer_to({.payload = "x"}, root, "hello.handler"), "Runtime.UnmarshalError", "");
    check_answer(answer_to({.payload = R"(["\u263a"])"}, root, "hello.handler"), "[\"\u263a\"]");
}

TEST_CASE("a Ruby function's file may define methods with the names of Kernel's") {
    if (!has_tool("ruby")) return;
    TaskRoot root;
    root.file("hello.rb", R"(
%i[abort binding caller catch exit exit! fail format freeze lambda loop method open p print proc
   puts raise require send sleep system tap test throw warn].each do |name|
  define_method(name) { |*, **| "own #{name}" }
end

def handler(event:, context:)
  event
end
)");
    check_answer(answer_to({.payload = "[1]"}, root, "hello.handler"), "[1]");
    for (const std::string name : {"method", "raise", "exit", "send"})
        check_answer(answer_to({}, root, "hello." + name), "\"own " + name + "\"");
    check_error(answer_to({.payload = "\xff"}, root, "hello.handler"), "Runtime.UnmarshalError",
                "UTF-8");
}

TEST_CASE("a JavaScript function's file may put others into the globals") {
    if (!has_tool("node")) return;
    TaskRoot root;
    root.file("hello.mjs", R"(
for (const name of ["Buffer", "process", "setImmediate", "setTimeout"]) globalThis[name] = undefined;
export const handler = async (event) => event;
export const fail = async () => { throw new RangeError("no luck"); };
export const stream = awslambda.streamifyResponse(async (event, out) => out.end("streamed"));
)");
    check_answer(answer_to({.payload = "[1]"}, root, "hello.handler"), "[1]");
    check_answer(answer_to({}, root, "hello.stream"), "streamed");
    check_error(answer_to({}, root, "hello.fail"), "RangeError", "no luck");
}

namespace {

/// A function with globals and libraries of its own, and files beside it that nobody has asked for.
void check_lua(const std::string& interpreter) {
    if (!has_tool(interpreter)) return;
    TaskRoot root;
    for (const std::string name : {"cjson", "ffi", "lpeg", "re", "table", "utf8"})
        root.file(name + ".lua", "io.stderr:write('trap\\n') return {}\n");
    // As dkjson did before 2.6.
    root.file("dkjson.lua", R"(
pcall(function() return require("lpeg").version() end)
return dofile((os.getenv("DKJSON")))
)");
    root.file("hello.lua", "#!/usr/bin/env " + interpreter + R"(
local M, error, pairs, ipairs, getmetatable = {}, error, pairs, ipairs, getmetatable
function M.handler(event, context) return { event, context.get_remaining_time_in_millis() > 0 } end
function M.fail() error({ errorType = "Lost", errorMessage = "no luck" }) end
function M.strange() return { a = pairs } end
for _, library in ipairs({ "io", "math", "os", "string", "table" }) do
    for name in pairs(_G[library]) do _G[library][name] = function() error("trap") end end
end
getmetatable("").__index = function() error("trap") end
for _, name in ipairs({ "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawget", "require",
    "select", "setmetatable", "tonumber", "tostring", "type", "xpcall" }) do
    _G[name] = function() error("trap") end
end
return M
)");
    const Variables library = {{"DKJSON", "/usr/share/lua/5.4/dkjson.lua"}};
    Event event;
    event.payload = R"({"a":[1.5,"\u263a",null]})";
    check_answer(answer_to(event, root, "hello.handler", library),
                 "[{\"a\":[1.5,\"\u263a\",null]},true]");
    check_error(answer_to({}, root, "hello.fail", library), "Lost", "no luck");
    check_error(answer_to({}, root, "hello.strange", library), "Runtime.MarshalError", "function");
    check_error(answer_to({.payload = "x"}, root, "hello.handler", library),
                "Runtime.UnmarshalError", "");
}

}  // namespace

TEST_CASE("a Lua function may have files and globals with the names of Lua's") {
    check_lua("lua5.4");
    check_lua("luajit");
}

TEST_CASE("a bash function's file may have functions with the names of commands") {
    if (!has_tool("bash")) return;
    TaskRoot root;
    std::string file;
    for (const auto* name :
         {"break",  "builtin", "command", "continue", "declare", "echo",   "eval",
          "exec",   "exit",    "export",  "false",    "head",    "local",  "mapfile",
          "printf", "return",  "set",     "shift",    "shopt",   "source", "test",
          "trap",   "true",    "type",    "typeset",  "unset"})
        file += std::string(name) + "() { /bin/cat <<<\"trap " + name + "\" >/dev/stderr; }\n";
    file += R"(
shopt_() { /bin/cat <<<"$BASHOPTS"; }
read() { /bin/cat <<<"read $1"; }
handler() { /bin/cat <<<"$1"; }
thrower() { /bin/sh -c 'exit 3'; }
fail() { thrower; }
own() { read own; }
)";
    root.file("hello.sh", file);
    check_answer(answer_to({.payload = "[1]"}, root, "hello.handler"), "[1]\n");
    const std::string large = '"' + std::string(5000, 'x') + '"';
    check_answer(answer_to({.payload = large}, root, "hello.handler"), large + "\n");
    check_answer(answer_to({.payload = "1"}, root, "hello.read", {{"FORKLIFT_OUTPUT", "text"}}),
                 "\"read 1\"");
    check_answer(answer_to({}, root, "hello.own", {{"FORKLIFT_OUTPUT", "text"}}), "\"read own\"");
    const auto failed = answer_to({}, root, "hello.fail");
    check_error(failed, "Function.ExitStatus", "fail ended with status 3");
    CHECK(contains(Json(failed.request.body()).texts("/stackTrace").at(0), "thrower"));
}

TEST_CASE("a bash function's file keeps the shell options that it has set") {
    TaskRoot root;
    root.file("hello.sh", R"(
shopt -s expand_aliases
shopt -u sourcepath
alias forklift_serve=false local=false
read() { :; }
handler() { printf '%s' "$BASHOPTS"; }
)");
    const auto with = answer_to({}, root, "hello.handler").request.body();
    CHECK(contains(with, "expand_aliases"));
    CHECK_FALSE(contains(with, "sourcepath"));
    CHECK_FALSE(contains(with, "inherit_errexit"));
}

TEST_CASE("a bash function's file may have constants of any name") {
    if (!has_tool("bash")) return;
    TaskRoot root;
    std::string file;
    for (const auto* name :
         {"line",   "name",   "names",  "value",   "begun",   "piece", "left",
          "status", "answer", "type",   "message", "frames",  "text",  "code",
          "char",   "trace",  "header", "string",  "extglob", "i",     "options"})
        file += "readonly " + std::string(name) + "=constant\n";
    root.file("hello.sh", file + "handler() { echo $name; }\nfail() { return 3; }\n");
    check_answer(answer_to({.payload = "1"}, root, "hello.handler"), "\"constant\"");
    CHECK(error_type(answer_to({.payload = "1"}, root, "hello.fail").request) ==
          "Function.ExitStatus");
    RuntimeApiServer server;
    Bootstrap bootstrap(server, root, "hello.nothing");
    CHECK(contains(error_message(server.next_post()), "it has fail handler"));
}

TEST_CASE("a bash function does not see the answer to another event") {
    TaskRoot root;
    root.file("hello.sh",
              "handler() { declare -p | grep -c 'secret of [0]' || true; echo secret of 0; }\n");
    RuntimeApiServer server;
    server.add_many(2, {});
    Bootstrap bootstrap(server, root, "hello.handler");
    CHECK(contains(server.next_post().body(), "0\\nsecret"));
    CHECK(contains(server.next_post().body(), "0\\nsecret"));
}
