#include <algorithm>
#include <csignal>
#include <map>
#include <regex>
#include <sstream>

#include "tests/support/eventually.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// Functions of files, the same in every language.
namespace {

struct Language {
    std::string name;
    /// What the file needs to be there.
    std::string interpreter;
    std::string file;
    /// The functions `handler`, `context`, `fail`, `chat`, `trace` and `count`.
    std::string functions;
    /// What `fail` fails with. The message is part of the whole.
    std::string error_type;
    std::string error_message;
    std::string wrong_syntax;
    /// What the language says of that.
    std::string syntax_message;
    /// What `count` answers to the second event: the state of a shell ends with its event.
    int second_count = 2;
};

const std::string lua_functions = R"(
local M, count = {}, 0

function M.handler(event)
    return { greeting = "Hello, " .. event.name .. "!" }
end

function M.context(_, context)
    return { id = context.aws_request_id, left = context.get_remaining_time_in_millis(),
        log = context.log_stream_name, colour = context.client_context.custom.colour,
        tenant = context.tenant_id }
end

local function thrower()
    error("no luck")
end

function M.fail()
    local nothing = thrower()
    return nothing
end

function M.chat()
    print("by print")
    os.execute("echo by a child")
    return "quiet"
end

function M.trace()
    return os.getenv("_X_AMZN_TRACE_ID") or "none"
end

function M.count()
    count = count + 1
    return count
end

return M
)";

const std::vector<Language> languages = {
    {"bash", "bash", "hello.sh",
     R"(
count=0

handler() {
    [[ $1 =~ \"name\":\"([A-Za-z]*)\" ]]
    echo "{\"greeting\":\"Hello, ${BASH_REMATCH[1]}!\"}"
}

context() {
    colour=${LAMBDA_RUNTIME_CLIENT_CONTEXT#*colour\":\"}
    echo "{\"id\":\"$LAMBDA_RUNTIME_AWS_REQUEST_ID\",\"log\":\"$AWS_LAMBDA_LOG_STREAM_NAME\","
    echo "\"left\":$((LAMBDA_RUNTIME_DEADLINE_MS - $(date +%s%3N))),\"colour\":\"${colour%%\"*}\","
    echo "\"tenant\":\"$LAMBDA_RUNTIME_AWS_TENANT_ID\"}"
}

thrower() {
    return 3
}

fail() {
    thrower
}

chat() {
    echo by print >&2
    sh -c 'echo by a child >&2'
    echo quiet
}

trace() {
    echo "${_X_AMZN_TRACE_ID-none}"
}

count() {
    count=$((count + 1))
    echo $count
}
)",
     "Function.ExitStatus", "fail ended with status 3", "handler() { if; }",
     "syntax error near unexpected token", 1},
    {"Python", "python3", "hello.py",
     R"(
import os
import subprocess

total = 0


def handler(event, context):
    return {"greeting": f"Hello, {event['name']}!"}


def context(event, context):
    return {"id": context.aws_request_id, "left": context.get_remaining_time_in_millis(),
            "log": context.log_stream_name, "colour": context.client_context.custom["colour"],
            "tenant": context.tenant_id}


def fail(event, context):
    raise ValueError("no luck")


def chat(event, context):
    print("by print")
    subprocess.run(["echo", "by a child"])
    return "quiet"


def trace(event, context):
    return os.environ.get("_X_AMZN_TRACE_ID", "none")


def count(event, context):
    global total
    total += 1
    return total
)",
     "ValueError", "no luck", "def handler(event, context)\n    return 1\n", "expected ':'"},
    {"Lua 5.4", "lua5.4", "hello.lua", lua_functions, "Error", "no luck",
     "local M = {}\nfunction M.handler( return M\n", "expected near 'return'"},
    {"LuaJIT", "luajit", "hello.lua", "#!/usr/bin/env luajit" + lua_functions, "Error", "no luck",
     "#!/usr/bin/env luajit\nlocal M = {}\nfunction M.handler( return M\n",
     "expected near 'return'"},
    {"JavaScript", "node", "hello.mjs",
     R"(
import { execFileSync } from "node:child_process";

let total = 0;

export const handler = async (event) => ({ greeting: `Hello, ${event.name}!` });

export const context = async (event, context) => ({
    id: context.awsRequestId,
    left: context.getRemainingTimeInMillis(),
    log: context.logStreamName,
    colour: context.clientContext.custom.colour,
    tenant: context.tenantId,
});

export const fail = async () => {
    throw new RangeError("no luck");
};

export const chat = async () => {
    console.log("by print");
    execFileSync("echo", ["by a child"], { stdio: "inherit" });
    return "quiet";
};

export const trace = async () => process.env._X_AMZN_TRACE_ID ?? "none";

export const count = async () => ++total;
)",
     "RangeError", "no luck", "export const handler = async (event => 1;\n",
     "missing ) after argument list"},
    {"Perl", "perl", "hello.pl",
     R"(
use strict;
use warnings;

my $count = 0;

sub handler {
    my ($event) = @_;
    return { greeting => "Hello, $event->{name}!" };
}

sub context {
    my (undef, $context) = @_;
    return { id => $context->aws_request_id, left => $context->get_remaining_time_in_millis,
             log => $context->log_stream_name, colour => $context->client_context->{custom}{colour},
             tenant => $context->tenant_id };
}

sub fail {
    die "no luck\n";
}

sub chat {
    print "by print\n";
    system 'echo', 'by a child';
    return 'quiet';
}

sub trace {
    return $ENV{_X_AMZN_TRACE_ID} // 'none';
}

sub count {
    return ++$count;
}
)",
     "Error", "no luck", "sub handler {\n    return (1;\n}\n", "syntax error at "},
    {"Ruby", "ruby", "hello.rb",
     R"(
$count = 0

def handler(event:, context:)
  { greeting: "Hello, #{event['name']}!" }
end

def context(event:, context:)
  { id: context.aws_request_id, left: context.get_remaining_time_in_millis,
    log: context.log_stream_name, colour: context.client_context['custom']['colour'],
    tenant: context.tenant_id }
end

def fail(event:, context:)
  raise ArgumentError, 'no luck'
end

def chat(event:, context:)
  puts 'by print'
  system('echo', 'by a child')
  'quiet'
end

def trace(event:, context:)
  ENV.fetch('_X_AMZN_TRACE_ID', 'none')
end

def count(event:, context:)
  $count += 1
end
)",
     "ArgumentError", "no luck", "def handler(event:, context:)\n  [1\nend\n", "syntax error"},
};

/// Runs `check(language, root)` for every language of this machine, with its functions in the root.
template <typename Check>
void in_every_language(Check check) {
    for (const Language& language : languages) {
        DYNAMIC_SECTION(language.name) {
            if (!has_tool(language.interpreter)) continue;
            TaskRoot root;
            root.file(language.file, language.functions);
            check(language, root);
        }
    }
}

/// How a bootstrap ends that cannot start its function, and what it has said to Lambda.
Json init_error(const TaskRoot& root, const std::string& handler,
                const Variables& environment = {}) {
    RuntimeApiServer server;
    server.add({});
    Bootstrap bootstrap(server, root, handler, environment);
    const auto post = server.next_post();
    CHECK(post.path == "/2018-06-01/runtime/init/error");
    CHECK(bootstrap.wait().exit == 1);
    CHECK(server.polls() == 0);
    return Json(post.body());
}

std::string init_message(const TaskRoot& root, const std::string& handler,
                         const Variables& environment = {}) {
    return init_error(root, handler, environment).text("/errorMessage");
}

/// The files that a page shows, by name: those that begin with their name as a comment.
std::map<std::string, std::string> files_on_page(const std::string& page) {
    static const std::regex first_line("(#|//|--) (hello\\.[a-z]+)");
    std::map<std::string, std::string> files;
    std::istringstream lines(read_file(page));
    std::string* open = nullptr;
    std::smatch match;
    for (std::string line; std::getline(lines, line);) {
        if (begins_with(line, "```"))
            open = nullptr;
        else if (std::regex_match(line, match, first_line))
            open = &files[match[2]];
        else if (open)
            *open += line + "\n";
    }
    return files;
}

/// The only child of bootstrap that is alive and not `but`.
pid_t worker_of(const Bootstrap& bootstrap, pid_t but = 0) {
    pid_t worker = 0;
    const bool found = eventually([&] {
        const auto children = children_of(bootstrap.pid());
        if (children.size() != 1 || children[0].state == 'Z') return false;
        worker = children[0].pid;
        return worker != but;
    });
    CHECK(found);
    return worker;
}

}  // namespace

TEST_CASE("a function of a file answers its event") {
    in_every_language([](const Language&, const TaskRoot& root) {
        const auto post = answer_to({.payload = R"({"name":"Ada"})"}, root, "hello.handler");
        CHECK(post.request.path == response_path());
        CHECK(Json(post.request.body()).text("/greeting") == "Hello, Ada!");
    });
}

TEST_CASE("every function on the page about functions greets whoever the event names") {
    const auto shown = files_on_page(FORKLIFT_SOURCE_DIR "/docs/functions.md");
    CHECK(shown.size() == 6);
    for (const auto& [file, text] : shown) {
        const auto language =
            std::find_if(languages.begin(), languages.end(),
                         [&file = file](const Language& one) { return one.file == file; });
        REQUIRE(language != languages.end());
        if (!has_tool(language->interpreter) || (language->name == "bash" && !has_tool("jq")))
            continue;
        TaskRoot root;
        root.file(file, text);
        const auto post = answer_to({.payload = R"({"name":"Ada"})"}, root, "hello.handler");
        CAPTURE(file, post.errors);
        CHECK(Json(post.request.body()).text("/greeting") == "Hello, Ada!");
    }
}

TEST_CASE("a function is told the context of its event") {
    in_every_language([](const Language&, const TaskRoot& root) {
        Event event;
        event.headers = {{"Lambda-Runtime-Client-Context", R"({"custom":{"colour":"red"}})"},
                         {"Lambda-Runtime-Aws-Tenant-Id", "blue"}};
        const auto post =
            answer_to(event, root, "hello.context", {{"AWS_LAMBDA_LOG_STREAM_NAME", "2026/[1]a"}});
        const Json seen(post.request.body());
        CHECK(seen.text("/id") == event.id);
        CHECK(seen.number("/left") > 0);
        CHECK(seen.number("/left") <= 60'000);
        CHECK(seen.text("/log") == "2026/[1]a");
        CHECK(seen.text("/colour") == "red");
        CHECK(seen.text("/tenant") == "blue");
    });
}

TEST_CASE("an exception of a function is an error with a stack trace that names its file") {
    in_every_language([](const Language& language, const TaskRoot& root) {
        const auto post = answer_to({}, root, "hello.fail").request;
        INFO(post.body());
        CHECK(post.path == error_path());
        CHECK(post.header("Lambda-Runtime-Function-Error-Type") == language.error_type);
        const Json error(post.body());
        CHECK(error.text("/errorType") == language.error_type);
        CHECK(contains(error.text("/errorMessage"), language.error_message));
        std::string trace;
        for (const std::string& frame : error.texts("/stackTrace")) trace += frame + "\n";
        CHECK(contains(trace, language.file));
    });
}

TEST_CASE("what a function prints is its log and never its answer") {
    in_every_language([](const Language&, const TaskRoot& root) {
        const auto posted = answer_to({}, root, "hello.chat");
        CHECK(posted.request.body() == "\"quiet\"");
        CHECK(contains(posted.errors, "by print\n"));
        CHECK(contains(posted.errors, "by a child\n"));
    });
}

TEST_CASE("a syntax error is an init error in the language's own words") {
    in_every_language([](const Language& language, TaskRoot& root) {
        root.file(language.file, language.wrong_syntax);
        const Json error = init_error(root, "hello.handler");
        INFO(error.text("/errorType") << ": " << error.text("/errorMessage"));
        CHECK(contains(error.text("/errorMessage"), language.syntax_message));
    });
}

TEST_CASE("a function that the file lacks is an init error that names those it has") {
    in_every_language([](const Language&, const TaskRoot& root) {
        const Json error = init_error(root, "hello.nothing");
        CHECK(error.text("/errorType") == "Runtime.HandlerNotFound");
        CHECK(contains(error.text("/errorMessage"), "nothing"));
        CHECK(contains(error.text("/errorMessage"), "handler"));
    });
}

TEST_CASE("a function has the trace id of its event in the environment") {
    in_every_language([](const Language&, const TaskRoot& root) {
        RuntimeApiServer server;
        Event traced;
        traced.headers = {{"Lambda-Runtime-Trace-Id", "Root=1-a"}};
        Event traced_again;
        traced_again.headers = {{"Lambda-Runtime-Trace-Id", "Root=1-b"}};
        for (const Event& event : {Event(), traced, traced_again, Event()}) server.add(event);
        Bootstrap bootstrap(server, root, "hello.trace", {{"_X_AMZN_TRACE_ID", "Root=stale"}});
        for (const auto* expected : {"\"none\"", "\"Root=1-a\"", "\"Root=1-b\"", "\"none\""})
            CHECK(server.next_post().body() == expected);
    });
}

TEST_CASE("a file is loaded once, and what it keeps is there for the next event") {
    in_every_language([](const Language& language, const TaskRoot& root) {
        RuntimeApiServer server;
        server.add_many(2, {});
        Bootstrap bootstrap(server, root, "hello.count");
        CHECK(Json(server.next_post().body()).number() == 1);
        CHECK(Json(server.next_post().body()).number() == language.second_count);
    });
}

TEST_CASE("a function whose process is killed goes on in another") {
    in_every_language([](const Language&, const TaskRoot& root) {
        RuntimeApiServer server;
        server.add({});
        Bootstrap bootstrap(server, root, "hello.count");
        CHECK(Json(server.next_post().body()).number() == 1);
        server.wait_until_idle();
        const pid_t first = worker_of(bootstrap);
        ::kill(first, SIGKILL);
        worker_of(bootstrap, first);
        server.add({});
        CHECK(Json(server.next_post().body()).number() == 1);
    });
}

TEST_CASE("two files that answer to one handler are an init error that names both") {
    TaskRoot root;
    root.file("hello.py", "def handler(event, context): return 1\n");
    root.file("hello.lua", "return { handler = function() return 1 end }\n");
    const auto message = init_message(root, "hello.handler");
    CHECK(contains(message, root.path_of("hello.py")));
    CHECK(contains(message, root.path_of("hello.lua")));
}

TEST_CASE("an interpreter that is not on PATH is an init error that names it") {
    for (const Language& language : languages) {
        if (language.name == "LuaJIT") continue;
        TaskRoot root;
        root.file(language.file, language.functions);
        const auto message = init_message(root, "hello.handler", {{"PATH", root.path()}});
        CAPTURE(message);
        CHECK(contains(message, language.interpreter));
        CHECK(contains(message, "PATH (" + root.path() + ")"));
    }
}

TEST_CASE("a function of a file cannot be forked") {
    TaskRoot root;
    root.file("hello.sh", "handler() { :; }\n");
    const auto message = init_message(root, "hello.handler", {{"FORKLIFT_MODE", "fork"}});
    INFO(message);
    CHECK(contains(message, "mode"));
    CHECK(contains(message, "function"));
}

TEST_CASE("a Lua function may be global, or the field of a table that the file returns") {
    if (!has_tool("lua5.4")) return;
    TaskRoot root;
    root.file("hello.lua", "function handler(event) return { got = event } end\n");
    CHECK(answer_to({.payload = "[1]"}, root, "hello.handler").request.body() == R"({"got":[1]})");
    root.file("hello.lua", "return { handler = function(event) return { got = event } end }\n");
    CHECK(answer_to({.payload = "[1]"}, root, "hello.handler").request.body() == R"({"got":[1]})");
}

TEST_CASE("a file may import what lies beside it") {
    TaskRoot root;
    root.file("words.py", "greeting = 'Hello'\n");
    root.file("words.lua", "return { greeting = 'Hello' }\n");
    root.file("words.mjs", "export const greeting = 'Hello';\n");
    root.file("Words.pm", "package Words; sub greeting { 'Hello' } 1;\n");
    root.file("words.rb", "GREETING = 'Hello'\n");
    root.file("words.sh", "greeting=Hello\n");
    const auto answer = [&](const std::string& tool, const std::string& file,
                            const std::string& text, const std::string& handler) {
        if (!has_tool(tool)) return std::string("\"Hello\"");
        root.file(file, text);
        return answer_to({}, root, handler).request.body();
    };
    CHECK(answer("python3", "app/a.py",
                 "from words import greeting\nhandler = lambda e, c: greeting",
                 "app/a.handler") == "\"Hello\"");
    CHECK(answer("lua5.4", "b.lua",
                 "local w = require 'words'\nreturn { handler = function() return w.greeting end }",
                 "b.handler") == "\"Hello\"");
    CHECK(
        answer(
            "node", "c.mjs",
            "import { greeting } from './words.mjs';\nexport const handler = async () => greeting;",
            "c.handler") == "\"Hello\"");
    CHECK(answer("perl", "d.pl", "use Words;\nsub handler { Words::greeting() }\n1;",
                 "d.handler") == "\"Hello\"");
    CHECK(answer("ruby", "e.rb", "require 'words'\ndef handler(event:, context:) = GREETING\n",
                 "e.handler") == "\"Hello\"");
    CHECK(answer("bash", "f.sh",
                 "source \"${BASH_SOURCE%/*}/words.sh\"\nhandler() { echo \"$greeting\"; }",
                 "f.handler") == "\"Hello\"");
}

TEST_CASE("Lua without a JSON library is an init error that says what to do") {
    if (!has_tool("lua5.4")) return;
    TaskRoot root;
    root.file("hello.lua", lua_functions);
    const auto message = init_message(
        root, "hello.handler", {{"LUA_PATH", "/nowhere/?.lua"}, {"LUA_CPATH", "/nowhere/?.so"}});
    CHECK(contains(message, "dkjson"));
    CHECK(contains(message, "cjson"));
    CHECK(contains(message, "hello.lua"));
}
