#include <csignal>
#include <filesystem>

#include "tests/support/container.h"
#include "tests/support/eventually.h"
#include "tests/support/image_store.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/support/runtime_api_server.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;

/// The images of packaging/images, made and run by Podman: with a Runtime API, as on Lambda, and
/// without one, as on any other host.
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

const std::string examples = FORKLIFT_SOURCE_DIR "/examples/";

/// The user that packaging/images name.
constexpr const char* user = "993";

/// A host that lets a container do nothing: not even /tmp can be written.
Strings strict(Strings options = {}) {
    options.insert(options.end(), {"--read-only", "--read-only-tmpfs=false", "--cap-drop=all",
                                   "--security-opt=no-new-privileges"});
    return options;
}

Strings with_programs(Strings options = {}) {
    const auto programs = ImageStore::programs_of_this_machine();
    options.insert(options.end(), programs.begin(), programs.end());
    return options;
}

ContainerOptions at_any_port(Strings podman, Strings arguments = {}) {
    return {std::move(podman), {{"PORT", "0"}}, std::move(arguments)};
}

ContainerOptions on_lambda(const RuntimeApiServer& server, Strings podman, Strings arguments = {}) {
    return {std::move(podman),
            {{"AWS_LAMBDA_RUNTIME_API", server.address()}, {"LAMBDA_TASK_ROOT", "/var/task"}},
            std::move(arguments)};
}

/// The container's process 1.
ProcessInfo entry_of(const Container& container) {
    for (const auto& process : descendants_of(container.pid()))
        if (process.name == "forklift") return process;
    FAIL("no process of the container is called forklift");
    return {};
}

std::string user_of(pid_t pid) {
    const auto status = read_file("/proc/" + std::to_string(pid) + "/status");
    const auto start = status.find("\nUid:\t") + 6;
    return status.substr(start, status.find('\t', start) - start);
}

void stop(const Container& container) {
    const auto podman = children_of(container.pid());
    REQUIRE(podman.size() == 1);
    REQUIRE(::kill(podman[0].pid, SIGTERM) == 0);
}

/// The same event and answer, with and without Lambda around it.
void check_both(const ImageStore& store, const std::string& image, const Strings& podman,
                const std::string& event, const std::string& answer) {
    CAPTURE(image, event);
    const Container container(store.container(image, at_any_port(podman)));
    CHECK(user_of(entry_of(container).pid) == user);
    CHECK(container.invoke(event).body == answer);
    RuntimeApiServer server;
    server.add({.payload = event});
    const Program lambda(store.container(image, on_lambda(server, podman)));
    const auto post = server.next_post();
    CHECK(post.path == response_path());
    CHECK(post.body() == answer);
}

}  // namespace

TEST_CASE("an image of a static program alone answers where nothing can be written", "[static]") {
    if (!ImageStore::is_possible()) return;
    const ImageStore store;
    store.build("checksum", "scratch", examples + "c");
    check_both(store, "checksum", strict(), "123456789", R"({"bytes":9,"crc32":"cbf43926"})");

    const Container container(store.container("checksum", at_any_port(strict())));
    const auto answer = container.get("/some/path");
    CHECK(answer.status() == 200);
    CHECK(Json(answer.body).number("/bytes") > 100);
}

TEST_CASE("the image of a static program has a /tmp for everybody", "[static]") {
    if (!ImageStore::is_possible()) return;
    const ImageStore store;
    store.build("checksum", "scratch", examples + "c");
    const Strings shell = {"--entrypoint=/bin/sh", "--volume=/bin/busybox:/bin/sh:ro"};
    const auto written = run_program(
        store.container("checksum", {shell, {}, {"-c", "echo yes >/tmp/file && cat /tmp/file"}}));
    INFO(written.errors);
    CHECK(written.output == "yes\n");
}

TEST_CASE("an image on Debian has an interpreter, and the function as a shim runs it", "[static]") {
    if (!ImageStore::is_possible()) return;
    const ImageStore store;
    store.build("hello", "debian", examples + "python");
    check_both(store, "hello", strict(with_programs()), R"({"name":"Ada"})",
               R"({"greeting":"Hello, Ada!","greeted":["Ada"]})");
}

TEST_CASE("an image on Amazon Linux answers, by AWS's manner of starting it too", "[static]") {
    if (!ImageStore::is_possible()) return;
    const ImageStore store;
    store.build("hello", "al2023", examples + "shell");
    check_both(store, "hello", strict(with_programs()), R"({"name":"Ada"})",
               "{\"greeting\":\"Hello, Ada!\"}\n");

    RuntimeApiServer server;
    server.add({.payload = R"({"name":"Grace"})"});
    auto options = on_lambda(server, with_programs({"--entrypoint=/var/runtime/bootstrap"}));
    options.environment["_HANDLER"] = "greet.sh";
    const Program lambda(store.container("hello", options));
    CHECK(server.next_post().body() == "{\"greeting\":\"Hello, Grace!\"}\n");
}

TEST_CASE("files that only their owner may read become the function's in an image", "[static]") {
    if (!ImageStore::is_possible()) return;
    TaskRoot root;
    root.script("greet.sh", "cat words.txt");
    root.file("words.txt", "hello");
    fs::permissions(root.path_of("greet.sh"), fs::perms(0600));
    fs::permissions(root.path_of("words.txt"), fs::perms(0600));
    const ImageStore store;
    store.build("closed", "debian", root.path());
    const Container container(
        store.container("closed", at_any_port(with_programs(), {"greet.sh"})));
    CHECK(container.invoke("{}").body == "\"hello\"");
    CHECK(container.errors().find("permission") == std::string::npos);
}

TEST_CASE("an image ends on SIGTERM when the request that runs has its answer", "[static]") {
    if (!ImageStore::is_possible()) return;
    TaskRoot root;
    root.script(
        "wait.sh",
        "echo yes >/shared/started; until [ -e /shared/go ]; do sleep 0.02; done; printf 1");
    TaskRoot shared;
    fs::permissions(shared.path(), fs::perms(0777));
    const ImageStore store;
    store.build("wait", "debian", root.path());
    const auto options =
        at_any_port(with_programs({"--volume=" + shared.path() + ":/shared"}), {"wait.sh"});
    Container container(store.container("wait", options));
    auto running = HttpStream::connect(container.port());
    running.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    shared.wait_for_file("started");
    stop(container);
    // The request ends only when bootstrap has heard of the end.
    CHECK(eventually([&] { return !accepts(container.port()); }));
    shared.file("go", "");
    const auto answer = running.read_message();
    REQUIRE(answer);
    CHECK(answer->body == "1");
    CHECK(container.wait().exit == 0);
}

TEST_CASE("a handler that an image does not have is named", "[static]") {
    if (!ImageStore::is_possible()) return;
    const ImageStore store;
    store.build("checksum", "scratch", examples + "c");
    RuntimeApiServer server;
    Program lambda(store.container("checksum", on_lambda(server, strict(), {"sum"})));
    const auto post = server.next_post();
    CHECK(post.path == "/2018-06-01/runtime/init/error");
    CHECK(error_type(post) == "Runtime.NoSuchHandler");
    CHECK(contains(error_message(post), "\"sum\""));
    CHECK(lambda.wait().exit == 1);

    Container container(store.container("checksum", at_any_port(strict(), {"sum"})));
    CHECK(container.get().status() == 502);
    // Podman hands the log on at a pace of its own.
    const std::string named = "no program answers to the handler \"sum\"";
    CHECK(contains(container.wait_for_errors(named), named));
}

TEST_CASE("the base of an image runs a function that is mounted", "[static]") {
    if (!ImageStore::is_possible()) return;
    TaskRoot root;
    root.script("hello.sh", "printf 1");
    fs::permissions(root.path(), fs::perms(0755));
    const ImageStore store;
    for (const std::string kind : {"debian", "al2023"}) {
        CAPTURE(kind);
        store.build("base", kind, root.path(), {"--target=base"});
        CHECK_FALSE(Json(store.inspect("base")).has("/0/Config/Cmd"));
        const auto mounted = with_programs({"--volume=" + root.path() + ":/var/task:ro"});
        const Container container(store.container("base", at_any_port(mounted, {"hello.sh"})));
        CHECK(container.invoke("{}").body == "1");
    }
}

TEST_CASE("an image is not made without the programs of Forklift", "[static]") {
    if (!ImageStore::is_possible()) return;
    const ImageStore store;
    for (const std::string kind : {"debian", "al2023", "scratch"}) {
        CAPTURE(kind);
        const auto finished = store.try_build(kind, {examples + "c"});
        CHECK(finished.exit != 0);
        CHECK(contains(finished.errors, "\"COPY --from=forklift"));
        CHECK(contains(finished.errors, "\"/bootstrap\": no such file or directory"));
    }
}
