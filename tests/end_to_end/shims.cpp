#include "tests/support/bootstrap.h"
#include "tests/support/tested_programs.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// Each shim keeps to the worker protocol, with a function that echoes.
namespace {

/// The kit is patient, because Perl's own JSON takes seconds for 6 MiB.
void check_shim(const std::vector<std::string>& interpreter, const std::string& shim,
                const std::string& ending, const std::string& echo) {
    if (!has_tool(interpreter.back())) return;
    TaskRoot root;
    ProgramOptions kit;
    kit.argv = {tested_forklift(), "conformance", "--framing", "framed", "--timeout", "40", "--"};
    kit.argv.insert(kit.argv.end(), interpreter.begin(), interpreter.end());
    kit.argv.push_back(FORKLIFT_SOURCE_DIR "/handlers/shims/" + shim);
    kit.argv.push_back(root.path_of(root.file("echo" + ending, echo)));
    kit.argv.push_back("handler");
    kit.environment = usual_environment();
    const auto finished = run_program(kit, std::chrono::seconds(110));
    INFO(finished.output << finished.errors);
    CHECK(finished.exit == 0);
    CHECK_FALSE(contains(finished.output, "not ok"));
}

}  // namespace

TEST_CASE("the shim for bash keeps to the worker protocol") {
    check_shim({"bash"}, "bash.sh", ".sh", R"(
handler() {
    [[ $1 =~ ^\{\"fail\":(\".*\")\}$ ]] || { printf %s "$1"; return; }
    printf '{"errorType":"Failed","errorMessage":%s}' "${BASH_REMATCH[1]}"
    return 1
}
)");
}

TEST_CASE("the shim for Python keeps to the worker protocol") {
    check_shim({"python3"}, "python.py", ".py", R"(
def handler(event, context):
    if isinstance(event, dict) and isinstance(event.get("fail"), str):
        raise RuntimeError(event["fail"])
    return event
)");
}

TEST_CASE("the shim for JavaScript keeps to the worker protocol") {
    check_shim({"node"}, "node.mjs", ".mjs", R"(
export const handler = async (event) => {
    if (typeof event?.fail === "string") throw new Error(event.fail);
    return event;
};
)");
}

TEST_CASE("the shim for Perl keeps to the worker protocol") {
    check_shim({"perl"}, "perl.pl", ".pl", R"(
sub handler {
    my ($event) = @_;
    die { errorMessage => $event->{fail} } if ref $event eq 'HASH' && defined $event->{fail};
    return $event;
}
1;
)");
}

TEST_CASE("the shim for Ruby keeps to the worker protocol") {
    check_shim({"ruby"}, "ruby.rb", ".rb", R"(
def handler(event:, context:)
  raise event['fail'] if event.is_a?(Hash) && event['fail'].is_a?(String)
  event
end
)");
}

namespace {

const std::string lua_echo = R"(
return {
    handler = function(event)
        if type(event) == "table" and type(event.fail) == "string" then error(event.fail, 0) end
        return event
    end
}
)";

/// A shell that puts the pipes aside, as for stock Lua.
std::vector<std::string> through_a_shell(const std::string& interpreter) {
    return {"/bin/sh", "-c", R"(exec "$0" "$@" 3<&0 4>&1 </dev/null >&2)", interpreter};
}

}  // namespace

TEST_CASE("the shim for Lua keeps to the worker protocol in Lua 5.4") {
    check_shim(through_a_shell("lua5.4"), "lua.lua", ".lua", lua_echo);
}

TEST_CASE("the shim for Lua keeps to the worker protocol in LuaJIT") {
    check_shim({"luajit"}, "lua.lua", ".lua", lua_echo);
}

TEST_CASE("the shim for Lua takes pipes that a shell has put aside in LuaJIT as well") {
    check_shim(through_a_shell("luajit"), "lua.lua", ".lua", lua_echo);
}
