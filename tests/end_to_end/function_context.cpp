#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/shim.h"
#include "tests/support/tools.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;

/// A caller chooses the client context, and it may be anything: a shim answers the event all the
/// same. The shims are fed here without bootstrap, which need not hand on every byte.
namespace {

struct Language {
    std::string name;
    std::vector<std::string> interpreter;
    std::string shim;
    std::string file;
    /// `handler` answers ["seen", x], where x is the field `a` of `custom` in the client context,
    /// "none" without a context, and "empty" without such a field.
    std::string text;
};

const std::string lua_file = R"(
return {
    handler = function(event, context)
        local client = context.client_context
        local custom = client and client.custom
        return { "seen", not client and "none" or type(custom) == "table" and custom.a or "empty" }
    end
}
)";

const std::vector<Language> languages = {
    {"Python", {"python3"}, "python.py", "hello.py", R"(
def handler(event, context):
    client = context.client_context
    if client is None:
        return ["seen", "none"]
    return ["seen", client.custom["a"] if isinstance(client.custom, dict) else "empty"]
)"},
    {"JavaScript", {"node"}, "node.mjs", "hello.mjs", R"(
export const handler = async (event, { clientContext }) =>
    ["seen", clientContext ? clientContext.custom?.a ?? "empty" : "none"];
)"},
    {"Perl", {"perl"}, "perl.pl", "hello.pl", R"(
use strict;
sub handler {
    my $client = $_[1]->client_context or return ['seen', 'none'];
    return ['seen', ref $client->{custom} ? $client->{custom}{a} : 'empty'];
}
)"},
    {"Ruby", {"ruby"}, "ruby.rb", "hello.rb", R"(
def handler(event:, context:)
  client = context.client_context
  return %w[seen none] unless client

  ['seen', client['custom'].is_a?(Hash) ? client['custom']['a'] : 'empty']
end
)"},
    {"Lua 5.4",
     {"/bin/sh", "-c", R"(exec "$0" "$@" 3<&0 4>&1 </dev/null >&2)", "lua5.4"},
     "lua.lua",
     "hello.lua",
     lua_file},
    {"LuaJIT", {"luajit"}, "lua.lua", "hello.lua", lua_file},
};

Finished run(const Language& language, const TaskRoot& root, const std::string& requests) {
    return run_shim(language.interpreter, language.shim, root.path_of(language.file), requests);
}

int count(const std::string& text, const std::string& part) {
    int found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
    return found;
}

/// What the handler sees of a client context, and that the log says so when it is left out.
std::string seen(const Language& language, const std::string& client_context) {
    TaskRoot root;
    root.file(language.file, language.text);
    const auto finished = run(
        language, root,
        shim_request("Lambda-Runtime-Client-Context: " + client_context + "\r\n") + shim_request());
    CAPTURE(language.name, finished.output, finished.errors);
    CHECK(finished.exit == 0);
    CHECK_FALSE(contains(finished.output, "Error"));
    CHECK(count(finished.output, R"(["seen",)") == 2);
    const auto begin = finished.output.find(R"(["seen",)");
    if (begin == std::string::npos) return {};
    const auto value = begin + std::string(R"(["seen",")").size();
    const auto what = finished.output.substr(value, finished.output.find("\"]", value) - value);
    CHECK(count(finished.errors, "lambda-runtime-client-context is not a JSON object") ==
          (what == "none" ? 1 : 0));
    return what;
}

}  // namespace

TEST_CASE("a client context that is no object is left out, and the event is answered") {
    const std::string deep = "{\"custom\":" + std::string(1500, '[') + std::string(1500, ']') + "}";
    for (const Language& language : languages) {
        DYNAMIC_SECTION(language.name) {
            if (!has_tool(language.interpreter.back())) continue;
            for (const std::string context :
                 {"nonsense", "[]", "7", "null", "\"a\"", "{\"custom\":{\"a\":\"\xff\"}}",
                  "{\"custom\":{\"a\":\"\xc3\"}}", "{", "\xff"})
                CHECK(seen(language, context) == "none");
            const auto control = seen(language, "{\"custom\":{\"a\":\"\x01\"}}");
            CHECK((control == "none" || contains(control, "01")));
            const auto nested = seen(language, deep);
            CHECK((nested == "none" || nested == "empty"));
        }
    }
}

TEST_CASE("a client context that is an object is the function's, whatever is in it") {
    for (const Language& language : languages) {
        DYNAMIC_SECTION(language.name) {
            if (!has_tool(language.interpreter.back())) continue;
            const auto del = seen(language, "{\"custom\":{\"a\":\"\x7f\"}}");
            CHECK((del == "\x7f" || del == "\\u007f"));
            CHECK(seen(language, "{\"custom\":{\"a\":\"\u00e0\"}}") == "\u00e0");
            CHECK(seen(language, R"({"client":3,"custom":{"a":"x"}})") == "x");
            CHECK(seen(language, R"({"client":3})") == "empty");
            CHECK(seen(language, "{}") == "empty");
        }
    }
}

TEST_CASE("an empty client context is none, and no warning is due") {
    for (const Language& language : languages) {
        DYNAMIC_SECTION(language.name) {
            if (!has_tool(language.interpreter.back())) continue;
            TaskRoot root;
            root.file(language.file, language.text);
            const auto finished =
                run(language, root, shim_request("Lambda-Runtime-Client-Context: \r\n"));
            CHECK(contains(finished.output, R"(["seen","none"])"));
            CHECK_FALSE(contains(finished.errors, "[WARN]"));
        }
    }
}

TEST_CASE("a Cognito identity that is no object is left out, and the event is answered") {
    for (const Language& language : languages) {
        DYNAMIC_SECTION(language.name) {
            if (!has_tool(language.interpreter.back())) continue;
            TaskRoot root;
            root.file(language.file, language.text);
            std::string requests;
            for (const auto* identity : {"nonsense", "[]", "7", "\xff"})
                requests += shim_request(
                    "Lambda-Runtime-Cognito-Identity: " + std::string(identity) + "\r\n");
            const auto finished = run(language, root, requests);
            CAPTURE(finished.output, finished.errors);
            CHECK(finished.exit == 0);
            CHECK(count(finished.output, R"(["seen","none"])") == 4);
            CHECK(count(finished.errors, "lambda-runtime-cognito-identity is not a JSON object") ==
                  4);
        }
    }
}

TEST_CASE("a bash function has the client context as it is") {
    const Language bash{"bash", {"bash"}, "bash.sh", "hello.sh", ""};
    TaskRoot root;
    root.file("hello.sh", "handler() { printf 'seen:%s' \"$LAMBDA_RUNTIME_CLIENT_CONTEXT\"; }\n");
    for (const std::string context :
         {"nonsense", "[]", "7", "{\"a\":\"\x7f\"}", "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}"}) {
        const auto finished =
            run(bash, root, shim_request("Lambda-Runtime-Client-Context: " + context + "\r\n"));
        CAPTURE(context, finished.output, finished.errors);
        CHECK(finished.exit == 0);
        CHECK(contains(finished.output, "seen:" + context));
    }
}

TEST_CASE("no header changes a variable of the platform's in a bash function") {
    TaskRoot root;
    root.file("hello.sh", "handler() { echo \"$LAMBDA_RUNTIME_DIR\"; }\n");
    Event event;
    event.headers = {{"Lambda-Runtime-Dir", "/tmp"}};
    const auto posted =
        answer_to(event, root, "hello.handler", {{"LAMBDA_RUNTIME_DIR", "/var/runtime"}});
    CHECK(posted.request.body() == "\"/var/runtime\"");
}
