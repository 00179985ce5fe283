#include "handlers/recipe.h"

#include "tests/test.h"

using namespace forklift::handlers;

namespace {

using Open = Recipe::OpenArgument;
using Arguments = std::vector<Open>;

/// The arguments of a command that an event could make an option of.
Arguments open_to_options(const List& command, bool event_options = false) {
    Options options;
    options.command = command;
    options.event_options = event_options;
    return Recipe(Resolution{"/bin/" + command[0], {command[0]}, "", {}}, options, {}, "/")
        .open_to_options();
}

}  // namespace

TEST_CASE("an argument that begins with what the event holds may be an option") {
    CHECK(open_to_options({"git", "log", "{/branch}"}) == Arguments{{"{/branch}", ""}});
    CHECK(open_to_options({"cat", "{@/files}", "x{/a}"}) == Arguments{{"{@/files}", ""}});
    CHECK(open_to_options({"grep", "{/pattern}", "{/file|a}"}) ==
          Arguments{{"{/pattern}", ""}, {"{/file|a}", ""}});
}

TEST_CASE("an argument behind an option may be its value") {
    CHECK(open_to_options({"convert", "-", "-resize", "{/width|64}x", "png:-"}) ==
          Arguments{{"{/width|64}x", "-resize"}});
    CHECK(open_to_options({"git", "log", "-n", "{/n}"}) == Arguments{{"{/n}", "-n"}});
    CHECK(open_to_options({"tool", "--name", "{/name}", "{/rest}"}) ==
          Arguments{{"{/name}", "--name"}, {"{/rest}", ""}});
    CHECK(open_to_options({"tool", "--name=x", "{/rest}"}) == Arguments{{"{/rest}", ""}});
    // Only one value follows an option.
    CHECK(open_to_options({"tool", "-x", "{@/all}"}) == Arguments{{"{@/all}", ""}});
    // A lone dash names stdin, and takes no value.
    CHECK(open_to_options({"convert", "-", "{/x}"}) == Arguments{{"{/x}", ""}});
}

TEST_CASE("what stands behind -- is none") {
    CHECK(open_to_options({"git", "show", "{/a}", "--", "{/b}"}) == Arguments{{"{/a}", ""}});
}

TEST_CASE("the arguments of a script that a shell gets by -c are the script's") {
    CHECK(open_to_options({"sh", "-c", "echo \"$1\"", "name", "{/a}"}).empty());
    CHECK(open_to_options({"/bin/bash", "-euc", "echo \"$1\"", "{/a}"}).empty());
    CHECK(open_to_options({"python3", "-c", "print(1)", "{/a}"}).empty());
    CHECK(open_to_options({"bash", "run.sh", "{/a}"}) == Arguments{{"{/a}", ""}});
    CHECK(open_to_options({"tool", "-c", "x", "{/a}"}) == Arguments{{"{/a}", ""}});
}

TEST_CASE("an entry may say that options are wanted") {
    CHECK(open_to_options({"git", "log", "{/branch}"}, true).empty());
}
