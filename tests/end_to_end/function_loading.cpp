#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/tools.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;

/// What keeps a function's file from being loaded has the names of AWS's own runtimes, in every
/// language. Everything else keeps its class, and so does an import that fails in an event.
namespace {

struct Failing {
    std::string file_text;
    std::string type;
    /// Parts of the message, the place among them.
    std::vector<std::string> words;
};

struct Language {
    std::string name;
    std::string interpreter;
    std::string file;
    /// A file beside it that does not compile.
    std::string helper;
    std::string helper_text;
    /// Files that fail as they are loaded.
    std::vector<Failing> failing;
    /// A file whose function `handler` imports what is not there, and the type of that error.
    std::string late_import;
    std::string late_type;
};

const std::string import_error = "Runtime.ImportModuleError";
const std::string syntax_error = "Runtime.UserCodeSyntaxError";

Language lua(const std::string& interpreter) {
    const std::string first = "#!/usr/bin/env " + interpreter + "\n";
    return {interpreter,
            interpreter,
            "hello.lua",
            "helper.lua",
            "return {\n}}\n",
            {{first + "require 'nothing.here'\n", import_error, {"hello.lua:2:", "nothing.here"}},
             {first + "dofile('nothing.lua')\n", import_error, {"nothing.lua"}},
             {first + "function M.handler(\n", syntax_error, {"hello.lua:", "near"}},
             {first + "require 'helper'\n", syntax_error, {"helper.lua:2"}},
             {first + "error('nothing near here')\n", "Error", {"hello.lua:2: nothing near here"}},
             {first + "error({ errorType = 'Lost', errorMessage = 'near' })\n", "Lost", {"near"}}},
            first + "return { handler = function() require 'nothing.here' end }\n",
            "Error"};
}

const std::vector<Language> languages = {
    {"Python",
     "python3",
     "hello.py",
     "helper.py",
     "x = 1\nx ==== 2\n",
     {{"import nothing.here\n",
       import_error,
       {"Unable to import module 'hello': No module named 'nothing'"}},
      {"from json import nothing\n",
       import_error,
       {"Unable to import module 'hello': cannot import name 'nothing'"}},
      {"\ndef handler(event, context)\n    return 1\n",
       syntax_error,
       {"Syntax error in module 'hello': ", "(hello.py, line 2)"}},
      {"def handler(event, context):\nreturn 1\n",
       syntax_error,
       {"Syntax error in module 'hello': ", "(hello.py, line 2)"}},
      {"import helper\n",
       syntax_error,
       {"Syntax error in module 'hello': ", "(helper.py, line 2)"}},
      {"raise LookupError('no luck')\n", "LookupError", {"no luck"}}},
     "def handler(event, context):\n    import nothing\n",
     "ModuleNotFoundError"},
    {"JavaScript modules",
     "node",
     "hello.mjs",
     "helper.mjs",
     "const x = 1;\nconst y = ;\n",
     {{"import nothing from 'nothing';\n", import_error, {"Error: Cannot find package 'nothing'"}},
      {"import nothing from './nothing.mjs';\n", import_error, {"Error: Cannot find module"}},
      {"\nexport const handler = async (event => 1;\n",
       syntax_error,
       {"SyntaxError: missing ) after argument list (hello.mjs, line 2)"}},
      {"import './helper.mjs';\n", syntax_error, {"SyntaxError: ", "(helper.mjs, line 2)"}},
      {"import { nothing } from 'node:fs';\n",
       syntax_error,
       {"SyntaxError: ", "'nothing'", "(hello.mjs, line 1)"}},
      {"JSON.parse('{');\n", syntax_error, {"SyntaxError: ", "JSON"}},
      {"throw new RangeError('no luck');\n", "RangeError", {"no luck"}},
      {"throw Object.freeze(new RangeError('no luck'));\n", "RangeError", {"no luck"}},
      {"throw 'no luck';\n", "string", {"no luck"}}},
     "export const handler = async () => import('nothing');\n",
     "Error"},
    {"JavaScript scripts",
     "node",
     "hello.cjs",
     "helper.cjs",
     "const x = 1;\nconst y = ;\n",
     {{"require('nothing');\n", import_error, {"Error: Cannot find module 'nothing'"}},
      {"\nexports.handler = async (event => 1;\n",
       syntax_error,
       {"SyntaxError: missing ) after argument list (hello.cjs, line 2)"}},
      {"require('./helper.cjs');\n", syntax_error, {"SyntaxError: ", "(helper.cjs, line 2)"}},
      {"throw new RangeError('no luck');\n", "RangeError", {"no luck"}}},
     "exports.handler = async () => require('nothing');\n",
     "Error"},
    {"Perl",
     "perl",
     "hello.pl",
     "Helper.pm",
     "package Helper;\nsub x { return (1; }\n1;\n",
     {{"use Nothing::Here;\n", import_error, {"Can't locate Nothing/Here.pm", "hello.pl line 1"}},
      {"require './nothing.pl';\n", import_error, {"nothing.pl", "hello.pl line 1"}},
      {"use List::Util qw(nothing);\n", import_error, {"nothing", "hello.pl line 1"}},
      {"\nsub handler { return (1; }\n", syntax_error, {"syntax error at", "hello.pl line 2"}},
      {"use strict;\n$x = 1;\n", syntax_error, {"$x", "hello.pl line 2"}},
      {"use Helper;\n", syntax_error, {"syntax error at", "Helper.pm line 2"}},
      {"my $x = \"abc;\n", syntax_error, {"Can't find string terminator"}},
      {"m/abc;\n", syntax_error, {"Search pattern not terminated"}},
      {"m/(/;\n", syntax_error, {"Unmatched ("}},
      {"local my $x;\n", syntax_error, {"Can't localize lexical variable"}},
      {"use Dying;\n", "Error", {"no luck at", "Dying.pm line 1"}},
      {"BEGIN { die \"no luck at line 3\\n\" }\n", "Error", {"no luck"}},
      {"main->nothing;\n", "Error", {"Can't locate object method"}},
      {"die bless {}, 'Lost';\n", "Lost", {}}},
     "sub handler { require Nothing::Here }\n",
     "Error"},
    {"Ruby",
     "ruby",
     "hello.rb",
     "helper.rb",
     "x = 1\n[1\n",
     {{"require 'nothing/here'\n", import_error, {"cannot load such file -- nothing/here"}},
      {"load 'nothing.rb'\n", import_error, {"nothing.rb"}},
      {"\ndef handler(event:, context:)\n  [1\nend\n", syntax_error, {"hello.rb:4"}},
      {"require 'helper'\n", syntax_error, {"helper.rb:"}},
      {"raise KeyError, 'no luck'\n", "KeyError", {"no luck"}},
      {"raise NotImplementedError, 'no luck'\n", "NotImplementedError", {"no luck"}}},
     "def handler(event:, context:)\n  require 'nothing'\nend\n",
     "LoadError"},
    lua("lua5.4"),
    lua("luajit"),
    {"bash",
     "bash",
     "hello.sh",
     "helper.sh",
     "if; then\n",
     {{"set -e\nsource /nothing/here\n", import_error, {"hello.sh ended the shell"}},
      {"handler() {\n  if; then\n}\n", syntax_error, {"hello.sh: line 2", "syntax error"}}},
     "handler() { source /nothing/here; }\n",
     "Function.ExitStatus"},
};

/// Runs `check(language, root)` for every language of this machine.
template <typename Check>
void in_every_language(Check check) {
    for (const Language& language : languages) {
        DYNAMIC_SECTION(language.name) {
            if (!has_tool(language.interpreter)) continue;
            TaskRoot root;
            check(language, root);
        }
    }
}

}  // namespace

TEST_CASE("a file that cannot be loaded is an init error by the name of AWS's runtimes") {
    in_every_language([](const Language& language, TaskRoot& root) {
        root.file(language.helper, language.helper_text);
        root.file("Dying.pm", "package Dying; sub fail { die 'no luck' } fail(); 1;\n");
        for (const Failing& one : language.failing) {
            root.file(language.file, one.file_text);
            RuntimeApiServer server;
            Bootstrap bootstrap(server, root, "hello.handler");
            const auto post = server.next_post();
            CAPTURE(one.file_text, post.body());
            CHECK(post.path == "/2018-06-01/runtime/init/error");
            CHECK(error_type(post) == one.type);
            CHECK(Json(post.body()).text("/errorType") == one.type);
            for (const std::string& words : one.words) CHECK(contains(error_message(post), words));
            CHECK(contains(bootstrap.wait().errors, "[ERROR] " + one.type + ": "));
        }
    });
}

TEST_CASE("an import that fails in an event keeps its class") {
    in_every_language([](const Language& language, TaskRoot& root) {
        root.file(language.file, language.late_import);
        const auto posted = answer_to({}, root, "hello.handler");
        CAPTURE(posted.request.body());
        CHECK(posted.request.path == error_path());
        CHECK(error_type(posted.request) == language.late_type);
    });
}
