#include "tests/support/forklift.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/tools.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;

/// A function in a module of a package, by its dotted name: package.module.function.
namespace {

struct Packages {
    TaskRoot root;

    std::string answer(const std::string& handler) const {
        const auto posted = answer_to({}, root, handler);
        INFO(posted.errors);
        CHECK(posted.request.path == response_path());
        return posted.request.body();
    }

    /// What bootstrap says to Lambda when the function cannot start.
    Request refusal(const std::string& handler) const {
        RuntimeApiServer server;
        Bootstrap bootstrap(server, root, handler);
        const auto post = server.next_post();
        CHECK(post.path == "/2018-06-01/runtime/init/error");
        return post;
    }
};

const std::string tells_its_name = R"(
def handler(event, context):
    return __name__
)";

}  // namespace

TEST_CASE("a Python function may lie in a module of a package") {
    if (!has_tool("python3")) return;
    Packages packages;
    packages.root.file("pkg/__init__.py", "first = 'run first'\n");
    packages.root.file("pkg/words.py", "greeting = 'Hello'\n");
    packages.root.file("pkg/logging.py", "raise RuntimeError('only by its whole name')\n");
    packages.root.file("pkg/mod.py", R"(
import logging
import sys

import pkg
from . import first
from .words import greeting


class Shop:
    @staticmethod
    def order(event, context):
        return [__name__, first, greeting, sys.modules["pkg"].mod is sys.modules[__name__], pkg.mod.x]


handler = Shop.order
x = 1
)");
    const std::string right = R"(["pkg.mod","run first","Hello",true,1])";
    CHECK(packages.answer("pkg.mod.handler") == right);
    CHECK(packages.answer("pkg.mod.Shop.order") == right);
    CHECK(packages.answer("pkg/mod.handler") == right);
    CHECK(packages.answer(packages.root.path_of("pkg.mod.handler")) == right);
    Packages elsewhere;
    CHECK(elsewhere.answer(packages.root.path_of("pkg.mod.handler")) == right);
    const auto checked = run_forklift({"check", "pkg.mod.handler"}, packages.root.path());
    CHECK(contains(checked.output,
                   "the function handler of the file " + packages.root.path_of("pkg/mod.py")));
}

TEST_CASE("a Python function may lie in packages of packages, in folders without __init__.py") {
    if (!has_tool("python3")) return;
    Packages packages;
    packages.root.file("app/a/b/mod.py", "from .. import c\nfrom ..c import n\n" + tells_its_name);
    packages.root.file("app/a/c.py", "n = 1\n");
    packages.root.file("app/words.py", "greeting = 'Hello'\n");
    CHECK(packages.answer("app.a.b.mod.handler") == "\"app.a.b.mod\"");
    CHECK(packages.answer("app/a.b.mod.handler") == "\"app.a.b.mod\"");
    CHECK(packages.answer("app/a/b/mod.handler") == "\"app.a.b.mod\"");
}

TEST_CASE("a Python function may lie in the package itself") {
    if (!has_tool("python3")) return;
    Packages packages;
    packages.root.file("pkg/__init__.py", "from .words import greeting\n" + tells_its_name);
    packages.root.file("pkg/words.py", "greeting = 'Hello'\n");
    packages.root.file("pkg/sub/__init__.py", "from ..words import greeting\n" + tells_its_name);
    CHECK(packages.answer("pkg.handler") == "\"pkg\"");
    CHECK(packages.answer("pkg.sub.handler") == "\"pkg.sub\"");
    packages.root.file("pkg.py", "def handler(event, context):\n    return 'the file'\n");
    CHECK(packages.answer("pkg.handler") == "\"the file\"");
}

TEST_CASE("a module that its package imports is loaded once") {
    if (!has_tool("python3")) return;
    Packages packages;
    packages.root.file("pkg/__init__.py", "from .mod import handler\n");
    packages.root.file("pkg/mod.py",
                       "import builtins\nbuiltins.loads = getattr(builtins, 'loads', 0)"
                       " + 1\n\n\ndef handler(event, context):\n    return loads\n");
    CHECK(packages.answer("pkg.mod.handler") == "1");
}

TEST_CASE("an error in a package is an error of its module") {
    if (!has_tool("python3")) return;
    Packages packages;
    packages.root.file("pkg/mod.py", tells_its_name);
    packages.root.file("pkg/__init__.py", "import nothing\n");
    auto post = packages.refusal("pkg.mod.handler");
    CHECK(error_type(post) == "Runtime.ImportModuleError");
    CHECK(error_message(post) == "Unable to import module 'pkg.mod': No module named 'nothing'");
    CHECK(contains(Json(post.body()).texts("/stackTrace").at(0), "pkg/__init__.py\", line 1"));
    packages.root.file("pkg/__init__.py", "x ==== 1\n");
    post = packages.refusal("pkg.mod.handler");
    CHECK(error_type(post) == "Runtime.UserCodeSyntaxError");
    CHECK(contains(error_message(post), "Syntax error in module 'pkg.mod': "));
    CHECK(contains(error_message(post), "(__init__.py, line 1)"));
    packages.root.file("pkg/__init__.py", "raise LookupError('no luck')\n");
    CHECK(error_type(packages.refusal("pkg.mod.handler")) == "LookupError");
}

TEST_CASE("a folder that has the name of another package is no package of the function's") {
    if (!has_tool("python3")) return;
    Packages packages;
    packages.root.file("json/hello.py", tells_its_name);
    packages.root.file("email/hello.py", "from email.message import Message\n" + tells_its_name);
    packages.root.file("v1.2/hello.py", tells_its_name);
    CHECK(packages.answer("json.hello.handler") == "\"json.hello\"");
    CHECK(packages.answer("email/hello.handler") == "\"email.hello\"");
    CHECK(packages.answer("v1.2/hello.handler") == "\"v1.2.hello\"");
}

TEST_CASE("two files that answer to one dotted name are an init error that names both") {
    Packages packages;
    const auto both = [&](const std::string& handler, const std::string& one,
                          const std::string& other) {
        const auto message = error_message(packages.refusal(handler));
        CAPTURE(message);
        CHECK(contains(message, "two files answer"));
        CHECK(contains(message, packages.root.path_of(one)));
        CHECK(contains(message, packages.root.path_of(other)));
    };
    packages.root.file("pkg/mod.py", tells_its_name);
    packages.root.file("pkg.rb", "class Mod; end\n");
    both("pkg.mod.handler", "pkg/mod.py", "pkg.rb");
    packages.root.file("pkg.mod.sh", "handler() { :; }\n");
    both("pkg.mod.handler", "pkg/mod.py", "pkg.mod.sh");
}

TEST_CASE("a dotted name keeps to the language that has the file") {
    if (!has_tool("ruby")) return;
    Packages packages;
    packages.root.file("pkg.rb", "class Shop\n  def self.order(event:, context:) = 1\nend\n");
    packages.root.file("pkg/__init__.py", tells_its_name);
    packages.root.file("pkg/Shop.rb", "");
    CHECK(packages.answer("pkg.Shop.order") == "1");
}

TEST_CASE("a dotted name that nothing answers to is an init error that names every place") {
    Packages packages;
    const auto message = error_message(packages.refusal("app/pkg.mod.handler"));
    for (const auto* place : {"app/pkg.mod", "app/pkg", "app/pkg/mod.py", "app/pkg/mod/__init__.py",
                              "app/pkg/__init__.py"})
        CHECK(contains(message, packages.root.path_of(place)));
    CHECK(message.find(".bash") == message.rfind(".bash"));
}

TEST_CASE("a name with nothing beside a dot is no dotted name") {
    Packages packages;
    packages.root.file("__init__.py", tells_its_name);
    packages.root.file("a/b.py", tells_its_name);
    for (const auto* handler : {"..a.b.handler", ".handler", "a..b.handler"})
        CHECK(error_type(packages.refusal(handler)) == "Runtime.NoSuchHandler");
}
