#include <csignal>
#include <map>
#include <sstream>

#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/tools.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;

/// What becomes of numbers on their way through each language, as docs/functions.md says.
namespace {

struct Language {
    std::string interpreter;
    std::string file;
    /// A function `handler` that returns its event.
    std::string text;
};

const std::string lua_echo = "return { handler = function(event) return event end }\n";

/// By the heads of the table's columns.
const std::map<std::string, Language> languages = {
    {"Python", {"python3", "hello.py", "def handler(event, context):\n    return event\n"}},
    {"JavaScript", {"node", "hello.mjs", "export const handler = async (event) => event;\n"}},
    {"Lua 5.4", {"lua5.4", "hello.lua", lua_echo}},
    {"LuaJIT", {"luajit", "hello.lua", "#!/usr/bin/env luajit\n" + lua_echo}},
    {"Perl", {"perl", "hello.pl", "sub handler { return $_[0] }\n"}},
    {"Ruby", {"ruby", "hello.rb", "def handler(event:, context:)\n  event\nend\n"}},
    {"bash", {"bash", "hello.sh", "handler() { printf %s \"$1\"; }\n"}},
};

using Row = std::vector<std::string>;

/// The table under the heading "Numbers": its head, and its rows.
std::vector<Row> table_on_page() {
    std::istringstream lines(read_file(FORKLIFT_SOURCE_DIR "/docs/functions.md"));
    std::vector<Row> rows;
    bool here = false;
    for (std::string line; std::getline(lines, line);) {
        if (begins_with(line, "## ")) here = line == "## Numbers";
        if (!here || !begins_with(line, "| ")) continue;
        Row row;
        std::istringstream cells(line.substr(1));
        for (std::string cell; std::getline(cells, cell, '|');) {
            const auto begin = cell.find_first_not_of(" `");
            const auto end = cell.find_last_not_of(" `");
            row.push_back(begin == cell.npos ? "" : cell.substr(begin, end - begin + 1));
        }
        rows.push_back(row);
    }
    return rows;
}

std::string number_of(const std::string& cell) {
    return cell == "400 nines" ? std::string(400, '9') : cell;
}

/// What a cell stands for: a body, or the type of an error.
std::string right(const std::string& cell, const std::string& number) {
    if (cell.empty()) return number;
    if (cell == "as a string") return '"' + number + '"';
    return cell.substr(0, cell.find("`, with"));
}

/// JSON::PP, for which the table holds, and no faster module of this machine.
Variables with_perls_own_json(TaskRoot& root) {
    for (const auto* module : {"lib/Cpanel/JSON/XS.pm", "lib/JSON/XS.pm"})
        root.file(module, "die;\n");
    return {{"PERL5LIB", root.path_of("lib")}};
}

}  // namespace

TEST_CASE("numbers come through each language as the page about functions says") {
    auto rows = table_on_page();
    REQUIRE(rows.size() == 16);
    rows[0].push_back("bash");
    for (std::size_t column = 1; column < rows[0].size(); ++column) {
        DYNAMIC_SECTION(rows[0][column]) {
            const Language& language = languages.at(rows[0][column]);
            if (!has_tool(language.interpreter)) continue;
            TaskRoot root;
            root.file(language.file, language.text);
            RuntimeApiServer server;
            for (std::size_t i = 1; i < rows.size(); ++i)
                server.add(event_of(number_of(rows[i][0])));
            Bootstrap bootstrap(server, root, "hello.handler", with_perls_own_json(root));
            std::size_t warned = 0;
            for (std::size_t i = 1; i < rows.size(); ++i) {
                const auto post = server.next_post();
                const std::string number = number_of(rows[i][0]);
                const std::string cell = column < rows[i].size() ? rows[i][column] : "";
                CAPTURE(number, post.body());
                CHECK((post.path == error_path() ? error_type(post) : post.body()) ==
                      right(cell, number));
                warned += contains(cell, "warning");
            }
            server.wait_until_idle();
            bootstrap.signal(SIGTERM);
            const auto errors = bootstrap.wait().errors;
            std::size_t warnings = 0;
            for (auto at = errors.find("[WARN]"); at != errors.npos;
                 at = errors.find("[WARN]", at + 1))
                ++warnings;
            CHECK(warnings == warned);
        }
    }
}

TEST_CASE("a JavaScript function's log says where null was written for a number") {
    if (!has_tool("node")) return;
    TaskRoot root;
    root.file("hello.mjs", R"(
export const places = async () => ({ a: [1, { b: NaN }], c: null, d: new Number(-Infinity) });
export const many = async () => Array(9).fill(Infinity);
export const none = async () => ({ a: null, b: "null", c: [undefined], d: new Date(NaN), e: new Map() });
export const nothing = async () => undefined;
export const getter = async () => ({ a: null, get b() { if (this.called) throw 1; this.called = 1; } });
)");
    const auto places = answer_to({}, root, "hello.places");
    CHECK(places.request.body() == R"({"a":[1,{"b":null}],"c":null,"d":null})");
    CHECK(contains(places.errors, "[WARN] the result holds NaN at /a/1/b, -Infinity at /d, "));
    const auto many = answer_to({}, root, "hello.many").errors;
    CHECK(contains(many, "Infinity at /0, Infinity at /1, Infinity at /2, "));
    CHECK_FALSE(contains(many, "/3"));
    for (const std::string handler : {"hello.none", "hello.nothing", "hello.getter"}) {
        const auto posted = answer_to({}, root, handler);
        CHECK(posted.request.path == response_path());
        CHECK_FALSE(contains(posted.errors, "[WARN]"));
    }
}

TEST_CASE("a Lua result with infinity or NaN is an error that says where it is") {
    for (const std::string interpreter : {"lua5.4", "luajit"}) {
        if (!has_tool(interpreter)) continue;
        TaskRoot root;
        root.file("hello.lua", "#!/usr/bin/env " + interpreter + R"(
local json = require "dkjson"
return {
    places = function() return { a = { 1, { b = -math.huge } } } end,
    nan = function() return 0 / 0 end,
    none = function() return { a = json.null, b = "null", c = setmetatable({}, { __jsontype = "array" }) } end,
}
)");
        const auto places = answer_to({}, root, "hello.places").request;
        CHECK(error_type(places) == "Runtime.MarshalError");
        CHECK(contains(error_message(places), "the number at /a/2/b is -inf"));
        CHECK(error_type(answer_to({}, root, "hello.nan").request) == "Runtime.MarshalError");
        CHECK(answer_to({}, root, "hello.none").request.path == response_path());
    }
}

TEST_CASE("a Perl result with infinity is an error whatever module writes it") {
    if (!has_tool("perl")) return;
    TaskRoot root;
    root.file("hello.pl", "sub handler { return { a => 9**9**9 } }\n");
    CHECK(error_type(answer_to({}, root, "hello.handler").request) == "Runtime.MarshalError");
    CHECK(error_type(answer_to({}, root, "hello.handler", with_perls_own_json(root)).request) ==
          "Runtime.MarshalError");
}
