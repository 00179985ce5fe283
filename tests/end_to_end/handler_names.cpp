#include <filesystem>
#include <map>

#include "tests/support/forklift.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/test.h"

using namespace forklift::test;

/// Which program answers to a handler's name.
namespace {

Request answer_to_name(const TaskRoot& root, const BootstrapOptions& options) {
    RuntimeApiServer server;
    server.add({});
    Bootstrap bootstrap(server, root, options);
    return server.next_post();
}

/// The message of the init error that a name leads to.
std::string init_error(const TaskRoot& root, const BootstrapOptions& options) {
    RuntimeApiServer server;
    Bootstrap bootstrap(server, root, options);
    const auto post = server.next_post();
    CHECK(post.path == "/2018-06-01/runtime/init/error");
    CHECK(post.header("Lambda-Runtime-Function-Error-Type") == "Runtime.NoSuchHandler");
    CHECK(bootstrap.wait().exit == 1);
    CHECK(server.polls() == 0);
    return Json(post.body()).text("/errorMessage");
}

}  // namespace

TEST_CASE("a handler is a file under the task root") {
    TaskRoot root;
    root.script("bin/greet.sh", "echo 1");
    CHECK(answer_to_name(root, {.handler = "bin/greet.sh"}).body() == "1\n");
}

TEST_CASE("a handler may be an absolute path") {
    TaskRoot root;
    TaskRoot elsewhere;
    elsewhere.script("greet.sh", "echo 1");
    CHECK(answer_to_name(root, {.handler = elsewhere.path_of("greet.sh")}).body() == "1\n");
}

TEST_CASE("the first argument goes before the variable") {
    TaskRoot root;
    root.script("one", "echo 1");
    root.script("two", "echo 2");
    CHECK(answer_to_name(root, {.handler = "one", .arguments = {"two"}}).body() == "2\n");
    CHECK(answer_to_name(root, {.handler = "", .arguments = {"two"}}).body() == "2\n");
}

TEST_CASE("a file in the task root goes before a program on PATH") {
    TaskRoot root;
    root.script("cat", "echo '\"mine\"'");
    CHECK(answer_to_name(root, {.handler = "cat"}).body() == "\"mine\"\n");
}

TEST_CASE("a bare name is looked for on PATH") {
    TaskRoot root;
    CHECK(answer_to_name(root, {.handler = "cat"}).body() == "{}");
}

TEST_CASE("a binary has its path as its one argument") {
    TaskRoot root;
    const auto body = answer_to_name(root, {.handler = helper("print_argv")}).body();
    CHECK(body == "[\"" + helper("print_argv") + "\"]\n");
}

TEST_CASE("a text that no kernel starts is warned of before an event finds out") {
    for (const std::string text : {"echo hi\n", "\n#!/bin/sh\necho hi\n", "#!\r\necho hi\n", ""}) {
        TaskRoot root;
        root.executable("run", text);
        const auto finished = run_forklift({"check", root.path_of("run")});
        CAPTURE(text, finished.output);
        CHECK(contains(finished.output, "is text without a #! line that names a program"));
    }
}

TEST_CASE("a script that has lost its execute bit runs through its interpreter with one warning") {
    RuntimeApiServer server;
    TaskRoot root;
    root.file("handler", "#!/bin/sh -u\necho \"\\\"$-\\\"\"\n");
    server.add({});
    server.add({});
    Bootstrap bootstrap(server, root, "handler");
    CHECK(contains(server.next_post().body(), "u"));
    CHECK(contains(server.next_post().body(), "u"));
    server.wait_until_idle();
    const auto errors = bootstrap.errors();
    const auto first = errors.find("execute permission");
    REQUIRE(first != std::string::npos);
    CHECK(errors.find("execute permission", first + 1) == std::string::npos);
}

TEST_CASE("a script from Windows runs through its interpreter, with a warning how to convert it") {
    const std::string way_out = "sed -i 's/\\r$//' ";
    TaskRoot root;
    root.file("lost", "#!/bin/sh -u\r\necho \"\\\"$-\\\"\"\n");
    root.executable("kept", "#!/bin/sh -u\r\necho \"\\\"$-\\\"\"\n");
    for (const std::string name : {"lost", "kept"}) {
        const auto posted = answer_to({}, root, name);
        CAPTURE(name, posted.errors);
        CHECK(posted.request.path == response_path());
        CHECK(contains(posted.request.body(), "u"));
        CHECK(contains(posted.errors, way_out + root.path_of(name)));
        CHECK(contains(posted.errors, "execute permission") == (name == "lost"));
        const auto checked = run_forklift({"check", root.path_of(name)});
        CHECK(checked.exit == 0);
        CHECK(contains(checked.output, "warning   the #! line of " + root.path_of(name)));
        CHECK(contains(checked.output, way_out));
    }
}

TEST_CASE("a script from Windows on PATH runs through its interpreter") {
    TaskRoot root;
    TaskRoot layer;
    layer.executable("tool", "#!/usr/bin/env sh\r\necho 1\n");
    const auto posted =
        answer_to({}, root, "tool", {{"PATH", layer.path() + ":" + usual_environment()["PATH"]}});
    CHECK(posted.request.body() == "1\n");
    CHECK(contains(posted.errors, "sed -i"));
}

TEST_CASE("a name with spaces or wild cards in it is a name like any other") {
    TaskRoot root;
    root.script("a b*$(id);'\"", "echo 1");
    CHECK(answer_to_name(root, {.handler = "a b*$(id);'\""}).body() == "1\n");
}

TEST_CASE("no name at all is an init error that says where it comes from") {
    TaskRoot root;
    CHECK(contains(init_error(root, {}), "_HANDLER"));
}

TEST_CASE("a file that cannot run is named with the reason") {
    TaskRoot root;
    root.file("data.txt", "just words\n");
    const auto message = init_error(root, {.handler = "data.txt"});
    CHECK(contains(message, root.path_of("data.txt")));
    CHECK(contains(message, "execute permission"));
}

TEST_CASE("a file of a language that no kernel starts is refused with every way out") {
    const std::map<std::string, std::string> shebangs = {
        {".sh", "bash"},    {".bash", "bash"}, {".py", "python3"},
        {".lua", "lua5.4"}, {".js", "node"},   {".mjs", "node"},
        {".cjs", "node"},   {".pl", "perl"},   {".rb", "ruby"}};
    TaskRoot root;
    for (const auto& [ending, interpreter] : shebangs) {
        const std::string file = root.path_of(root.file("app/p" + ending, "touch ran\n"));
        const auto lost = init_error(root, {.handler = "app/p" + ending});
        CAPTURE(lost);
        CHECK(contains(lost, file + " is not executable and has no #! line"));
        CHECK(contains(lost, "chmod +x " + file));
        CHECK(contains(lost, "#!/usr/bin/env " + interpreter + ")"));
        CHECK(contains(lost, "app/p.FUNCTION"));

        root.executable("app/p" + ending, "touch ran\n");
        const auto kept = init_error(root, {.handler = "app/p" + ending});
        CHECK(contains(kept, file + " has no #! line"));
        CHECK(contains(kept, "app/p.FUNCTION"));
    }
    CHECK_FALSE(std::filesystem::exists(root.path_of("ran")));
}

TEST_CASE("a command of forklift.json that no kernel starts is refused with every way out") {
    TaskRoot root;
    root.file("p.py", "print(1)\n");
    root.file("forklift.json", R"({"handlers": {"job": {"command": ["p.py", "x"]}}})");
    const auto message = init_error(root, {.handler = "job"});
    CHECK(contains(message, root.path_of("p.py") + " is not executable and has no #! line"));
    CHECK(contains(message, "p.FUNCTION"));
    const auto checked = run_forklift({"check", "job"}, root.path());
    CHECK(checked.exit == 1);
    CHECK(contains(checked.errors, "p.FUNCTION"));
}

TEST_CASE("a function may have the name of an ending, and a program with one need not be text") {
    TaskRoot root;
    root.file("q.sh", "sh() { echo 1; }\n");
    CHECK(answer_to_name(root, {.handler = "q.sh"}).path == "/2018-06-01/runtime/init/error");
    root.file("r.bash", "sh() { echo 1; }\n");
    CHECK(answer_to_name(root, {.handler = "r.sh"}).body() == "1\n");
    root.executable("echo.py", read_file("/bin/cat"));
    CHECK(answer_to_name(root, {.handler = "echo.py"}).body() == "{}");
}

TEST_CASE("a relative name stays under the task root") {
    TaskRoot outer;
    TaskRoot root;
    const std::string outside = std::filesystem::path(outer.path()).filename();
    outer.script("out.sh", "echo 1");
    outer.file("out.mod.bash", "handler() { echo 1; }\n");
    root.file("forklift.json",
              R"({"handlers": {"job": {"command": ["../)" + outside + R"(/out.sh"]}}})");
    for (const std::string& handler :
         {"../" + outside + "/out.sh", "a/../../" + outside + "/out.sh",
          "../" + outside + "/out.mod.handler", std::string("job"), std::string("..")}) {
        const auto message = init_error(root, {.handler = handler});
        CAPTURE(handler, message);
        CHECK(contains(message, "leads out of the task root " + root.path()));
        const auto checked = run_forklift({"check", "--task-root", root.path(), handler});
        CHECK(contains(checked.errors, "leads out of the task root"));
    }
}

TEST_CASE("a name or a link may lead through other folders into the task root and out of it") {
    TaskRoot outer;
    outer.script("out.sh", "echo 1");
    TaskRoot root;
    root.script("in.sh", "echo 2");
    std::filesystem::create_symlink(outer.path_of("out.sh"), root.path_of("link.sh"));
    std::filesystem::create_symlink(outer.path(), root.path_of("folder"));
    const std::string itself = std::filesystem::path(root.path()).filename();
    CHECK(answer_to_name(root, {.handler = "../" + itself + "/in.sh"}).body() == "2\n");
    CHECK(answer_to_name(root, {.handler = "a/../in.sh"}).body() == "2\n");
    CHECK(answer_to_name(root, {.handler = "link.sh"}).body() == "1\n");
    CHECK(answer_to_name(root, {.handler = "folder/out.sh"}).body() == "1\n");
}

TEST_CASE("forklift makes the folder of a file that it is given the task root, wherever that is") {
    TaskRoot root;
    root.script("there/x.sh", "echo 1");
    root.file("here/file", "");
    CHECK(run_forklift({"invoke", "../there/x.sh"}, root.path_of("here")).output == "1\n");
}

TEST_CASE("a folder is no program") {
    TaskRoot root;
    root.file("folder/file", "");
    const auto message = init_error(root, {.handler = "folder"});
    CHECK(contains(message, root.path_of("folder")));
}

TEST_CASE("a name with a slash is not looked for on PATH") {
    TaskRoot root;
    const auto message = init_error(root, {.handler = "./cat"});
    CHECK(contains(message, root.path_of("cat")));
}

TEST_CASE("an absolute path that is not there is an init error") {
    TaskRoot root;
    CHECK(contains(init_error(root, {.handler = "/no/such/file"}), "/no/such/file"));
}

// [not-emulated]: QEMU makes a fork of the vfork that starts a program, which then never learns
// that exec failed.
TEST_CASE("a file that goes away between two events fails one event and not the environment",
          "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    root.script("handler", "rm -- \"$0\"; echo 1");
    server.add({});
    server.add({});
    Bootstrap bootstrap(server, root, "handler");
    CHECK(server.next_post().body() == "1\n");
    const auto post = server.next_post();
    CHECK(post.header("Lambda-Runtime-Function-Error-Type") == "Runtime.SpawnFailed");
    root.script("handler", "echo 2");
    server.add({});
    CHECK(server.next_post().body() == "2\n");
}
