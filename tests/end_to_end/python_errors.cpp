#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/tools.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;

/// What the log and the stack trace say of an exception of Python: what Python itself would.
namespace {

/// The log of an event, with `FILE` for the path of the function's file.
std::string log_of(const std::string& text) {
    TaskRoot root;
    const std::string file = root.path_of(root.file("hello.py", text));
    std::string log = answer_to({}, root, "hello.handler").errors;
    for (auto at = log.find(file); at != log.npos; at = log.find(file))
        log.replace(at, file.size(), "FILE");
    return log;
}

}  // namespace

TEST_CASE("the log has what led to an exception of Python") {
    if (!has_tool("python3")) return;
    CHECK(contains(log_of(R"(def find():
    return {}["key"]


def handler(event, context):
    try:
        find()
    except KeyError as error:
        raise ValueError("no luck") from error
)"),
                   R"([ERROR] ValueError: no luck
Traceback (most recent call last):
  File "FILE", line 7, in handler
    find()
  File "FILE", line 2, in find
    return {}["key"]
KeyError: 'key'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "FILE", line 9, in handler
    raise ValueError("no luck") from error
ValueError: no luck
)"));
    const std::string nested = R"(
class Lost(Exception):
    pass


def handler(event, context):
    try:
        {}["key"]
    except KeyError:
        raise Lost("no luck"))";
    const std::string during = "During handling of the above exception, another exception occurred";
    CHECK(contains(log_of(nested + "\n"), during));
    CHECK(contains(log_of(nested + "\n"), "hello.Lost: no luck\n"));
    CHECK_FALSE(contains(log_of(nested + " from None\n"), "KeyError"));
}

TEST_CASE("the log has what Python adds to an exception") {
    if (!has_tool("python3")) return;
    CHECK(contains(log_of("def handler(event, context):\n    raise LookupError\n"),
                   "raise LookupError\nLookupError\n"));
    CHECK(contains(log_of(R"(def handler(event, context):
    error = ValueError("no luck")
    error.__notes__ = ["but a note"]
    raise error
)"),
                   "ValueError: no luck\nbut a note\n"));
    CHECK(contains(log_of(R"(def handler(event, context):
    return handler(event, context)
)"),
                   R"(    return handler(event, context)
  File "FILE", line 2, in handler
    return handler(event, context)
  File "FILE", line 2, in handler
    return handler(event, context)
  [Previous line repeated )"));
    CHECK(contains(log_of("def handler(event, context):\n    exec('x =')\n"), R"(
  File "<string>", line 1
    x =
       ^
SyntaxError: invalid syntax
)"));
}

TEST_CASE("the log has the parts of a group of exceptions") {
    if (!has_tool("python3")) return;
    const auto log = log_of(R"(try:
    ExceptionGroup
except NameError:
    class ExceptionGroup(Exception):
        def __init__(self, message, parts):
            super().__init__(message)
            self.exceptions = parts

        def derive(self):
            pass


def handler(event, context):
    raise ExceptionGroup("both", [KeyError("one"), OSError("other")])
)");
    CHECK(contains(log, "  | 1:\n  | KeyError: 'one'\n"));
    CHECK(contains(log, "  | 2:\n  | OSError: other\n"));
}

TEST_CASE("an exception of Python that cannot be read is an error of the event all the same") {
    if (!has_tool("python3")) return;
    TaskRoot root;
    root.file("hello.py", R"(
class Lost(Exception):
    def __str__(self):
        raise ValueError


class Odd(SyntaxError):
    filename = lineno = offset = text = property(lambda self: 1 / 0)


def lost(event, context):
    raise Lost


def odd(event, context):
    raise Odd("no luck")
)");
    CHECK(error_type(answer_to({}, root, "hello.lost").request) == "Lost");
    CHECK(error_type(answer_to({}, root, "hello.odd").request) == "Odd");
}
