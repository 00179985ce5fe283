#include <csignal>
#include <filesystem>

#include "tests/support/bootstrap.h"
#include "tests/support/container.h"
#include "tests/support/eventually.h"
#include "tests/support/http_stream.h"
#include "tests/support/json.h"
#include "tests/support/proc.h"
#include "tests/support/tested_programs.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;
namespace fs = std::filesystem;

/// bootstrap as the entry point of an image on a host that is not Lambda.
/// [not-emulated]: bootstrap gives its process to forklift, which the emulator would have to start.
namespace {

struct Entry {
    /// What is started, and its arguments.
    std::vector<std::string> argv = {tested_bootstrap()};
    Variables environment = {};
};

ProgramOptions entry_program(const TaskRoot& root, const Entry& entry) {
    ProgramOptions program;
    program.argv = entry.argv;
    program.environment = entry.environment;
    program.environment.insert({"PORT", "0"});
    program.environment.merge(usual_environment());
    program.directory = root.path();
    return program;
}

Finished run_entry(const TaskRoot& root, const Entry& entry) {
    return run_program(entry_program(root, entry));
}

/// A container that serves a function, until the object goes.
Container serve(const TaskRoot& root, const Entry& entry) {
    return Container(entry_program(root, entry));
}

/// A folder with bootstrap alone in it.
std::string lonely_bootstrap(const TaskRoot& root) {
    const auto path = root.path_of("lonely/bootstrap");
    fs::create_directory(root.path_of("lonely"));
    fs::copy_file(tested_bootstrap(), path);
    return path;
}

const std::vector<std::string> in_namespace = {"unshare", "--pid", "--fork", "--kill-child",
                                               "--mount-proc"};

bool has_namespaces() {
    ProgramOptions program;
    program.argv = in_namespace;
    program.argv.emplace_back("true");
    program.environment = usual_environment();
    try {
        const auto tried = run_program(program);
        if (tried.exit == 0) return true;
        WARN("not tested: no process namespace can be made here: " << tried.errors);
    } catch (const std::exception& error) {
        WARN("not tested: unshare(1) of util-linux is missing: " << error.what());
    }
    return false;
}

/// bootstrap as process 1.
Entry as_process_1(const std::string& handler, Variables environment = {}) {
    Entry entry{in_namespace, std::move(environment)};
    entry.argv.push_back(tested_bootstrap());
    entry.argv.push_back(handler);
    return entry;
}

pid_t process_1_of(const Container& container) {
    const auto children = children_of(container.pid());
    REQUIRE(children.size() == 1);
    return children[0].pid;
}

}  // namespace

TEST_CASE("without a Runtime API bootstrap answers HTTP itself, as the same process",
          "[not-emulated]") {
    TaskRoot root;
    root.script("hello.sh", "echo '{\"statusCode\":201,\"body\":\"hello\"}'");
    const auto container = serve(root, {{tested_bootstrap(), "hello.sh"}});
    const auto answer = container.get();
    CHECK(answer.status() == 201);
    CHECK(answer.body == "hello");
    const auto children = children_of(container.pid());
    REQUIRE(children.size() == 1);
    CHECK(children[0].name == "bootstrap");
    CHECK(exchange(container.port(), "POST", "/2015-03-31/functions/x/invocations", {}, "{}")
              .status() == 200);
}

TEST_CASE("a container has the handler by _HANDLER, and the function where LAMBDA_TASK_ROOT is",
          "[not-emulated]") {
    TaskRoot root;
    TaskRoot elsewhere;
    root.script("where.sh", "printf '\"%s\"' \"$PWD\"");
    const auto container = serve(
        elsewhere,
        {{tested_bootstrap()}, {{"_HANDLER", "where.sh"}, {"LAMBDA_TASK_ROOT", root.path()}}});
    CHECK(Json(container.get().body).text() == fs::canonical(root.path()).string());
}

TEST_CASE("a container's variables reach the function", "[not-emulated]") {
    TaskRoot root;
    root.script("variables.sh",
                "printf '[\"%s\",\"%s\",\"%s\",\"%s\",\"%s\"]' \"$MINE\" \"$TZ\" "
                "\"$AWS_LAMBDA_FUNCTION_NAME\" \"$AWS_LAMBDA_FUNCTION_MEMORY_SIZE\" "
                "\"$AWS_LAMBDA_RUNTIME_API\"");
    const auto container = serve(root, {{tested_bootstrap(), "variables.sh"},
                                        {{"MINE", "a b=c"},
                                         {"TZ", "Europe/Berlin"},
                                         {"AWS_LAMBDA_FUNCTION_NAME", "shop"},
                                         {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"},
                                         {"AWS_LAMBDA_RUNTIME_API", ""},
                                         {"FORKLIFT_OUTPUT", "json"}}});
    CHECK(container.get().body == R"(["a b=c","Europe/Berlin","shop","512",""])");
}

TEST_CASE("a container's timeout and concurrency are set by variables", "[not-emulated]") {
    TaskRoot root;
    // Each event waits until another one is there as well, or for ever.
    root.script("meet.sh",
                "touch here-$$; until [ $(ls here-* | wc -l) -ge 2 ]; do sleep 0.02; "
                "done; printf 1");
    const auto container =
        serve(root, {{tested_bootstrap(), "meet.sh"},
                     {{"FORKLIFT_CONCURRENCY", "2"}, {"AWS_LAMBDA_FUNCTION_TIMEOUT", "20"}}});
    auto first = HttpStream::connect(container.port());
    first.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(container.get().status() == 200);
    CHECK(first.read_message()->status() == 200);

    TaskRoot other;
    other.script("slow.sh", "sleep 60");
    const auto hasty =
        serve(other, {{tested_bootstrap(), "slow.sh"}, {{"AWS_LAMBDA_FUNCTION_TIMEOUT", "1"}}});
    CHECK(hasty.get().status() == 502);
}

TEST_CASE("a variable of a container that is wrong is named", "[not-emulated]") {
    TaskRoot root;
    root.script("hello.sh", "printf 1");
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"PORT", "http"},
        {"PORT", "65536"},
        {"FORKLIFT_CONCURRENCY", "0"},
        {"AWS_LAMBDA_FUNCTION_TIMEOUT", "3s"},
        {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "64"}};
    for (const auto& [name, value] : wrong) {
        CAPTURE(name, value);
        const auto finished = run_entry(root, {{tested_bootstrap(), "hello.sh"}, {{name, value}}});
        CHECK(finished.exit == 1);
        CHECK(contains(finished.errors, name));
        CHECK(contains(finished.errors, "\"" + value + "\""));
        CHECK(contains(finished.errors, "must be a whole number from"));
    }
}

TEST_CASE("a port that is taken is named", "[not-emulated]") {
    TaskRoot root;
    root.script("hello.sh", "printf 1");
    const auto first = serve(root, {{tested_bootstrap(), "hello.sh"}});
    const auto port = std::to_string(first.port());
    const auto second = run_entry(root, {{tested_bootstrap(), "hello.sh"}, {{"PORT", port}}});
    CHECK(second.exit == 1);
    CHECK(contains(second.errors, "cannot listen at 0.0.0.0:" + port));
}

TEST_CASE("bootstrap finds forklift by a symbolic link, and on PATH", "[not-emulated]") {
    TaskRoot root;
    root.script("hello.sh", "printf 1");
    fs::create_symlink(tested_bootstrap(), root.path_of("entry"));
    CHECK(serve(root, {{root.path_of("entry"), "hello.sh"}}).get().body == "1");

    const auto lonely = lonely_bootstrap(root);
    fs::create_directory(root.path_of("tools"));
    fs::create_symlink(tested_forklift(), root.path_of("tools/forklift"));
    const auto path = root.path_of("tools") + ":" + usual_environment()["PATH"];
    CHECK(serve(root, {{lonely, "hello.sh"}, {{"PATH", path}}}).get().body == "1");

    fs::create_directory(root.path_of("bin"));
    fs::create_symlink(tested_forklift(), root.path_of("bin/forklift"));
    CHECK(serve(root, {{lonely, "hello.sh"}}).get().body == "1");
}

// [not-emulated]: bootstrap looks for forklift, as above.
TEST_CASE("without forklift bootstrap says what it needs, and without a handler as well",
          "[not-emulated]") {
    TaskRoot root;
    const auto lonely = lonely_bootstrap(root);
    const auto alone = run_entry(root, {{lonely, "cat"}});
    CHECK(alone.exit == 2);
    CHECK(contains(alone.errors, "AWS_LAMBDA_RUNTIME_API is not set"));
    CHECK(contains(alone.errors, "it needs the program forklift"));
    CHECK(contains(alone.errors, root.path_of("lonely/forklift")));
    const auto nameless = run_entry(root, {});
    CHECK(nameless.exit == 2);
    CHECK(contains(nameless.errors, "name the HANDLER"));
}

TEST_CASE("bootstrap as process 1 of a container serves and ends on SIGTERM", "[not-emulated]") {
    if (!has_namespaces()) return;
    TaskRoot root;
    root.script("wait.sh", "echo yes >started; until [ -e go ]; do sleep 0.02; done; printf 1");
    auto container = serve(root, as_process_1("wait.sh"));
    auto running = HttpStream::connect(container.port());
    running.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    root.wait_for_file("started");
    const pid_t first = process_1_of(container);
    REQUIRE(::kill(first, SIGTERM) == 0);
    root.file("go", "");
    const auto answer = running.read_message();
    REQUIRE(answer);
    CHECK(answer->body == "1");
    CHECK(container.wait().exit == 0);
    CHECK_FALSE(is_alive(first));
}

TEST_CASE("bootstrap as process 1 reaps the orphans of a container", "[not-emulated]") {
    if (!has_namespaces() || !has_tool("nsenter")) return;
    TaskRoot root;
    root.script("orphan.sh", "setsid sleep 0.3 </dev/null >/dev/null 2>&1 & printf 1");
    const auto container = serve(root, as_process_1("orphan.sh"));
    const pid_t first = process_1_of(container);
    CHECK(container.get().body == "1");
    // One that no function has left: of a command that an operator ran in the container.
    const auto entered =
        run_program({.argv = {"nsenter", "-t", std::to_string(first), "-p", "-m", "sh", "-c",
                              "setsid sh -c 'sleep 0.3' </dev/null >/dev/null 2>&1 &"},
                     .environment = usual_environment()});
    REQUIRE(entered.exit == 0);
    CHECK(eventually([&] { return children_of(first).size() == 2; }));
    CHECK(eventually([&] {
        const auto children = children_of(first);
        return children.size() == 1 && children[0].name == "bootstrap" && children[0].state != 'Z';
    }));
}
