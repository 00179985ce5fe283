#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/support/site.h"
#include "tests/support/tested_programs.h"
#include "tests/support/tools.h"
#include "tests/support/worker.h"
#include "tests/test.h"

using namespace forklift::test;

/// How much memory an event costs, and what happens when there is none.
namespace {

constexpr std::size_t largest_event = 6 * 1024 * 1024;

/// 6 MiB of JSON, in which every value has to be looked at.
std::vector<std::string> costly_events() {
    const std::size_t half = largest_event / 2 - 10;
    std::string numbers = R"({"a":1,"b":[0)";
    while (numbers.size() < largest_event - 10) numbers += ",0";
    std::string members = R"({"a":1)";
    while (members.size() < largest_event - 20) members += R"(,"m":{})";
    return {R"({"a":1,"b":)" + std::string(half, '[') + std::string(half, ']') + "}",
            numbers + "]}", members + "}"};
}

/// The most memory that a 6 MiB event needs, in bytes for each byte of it.
double cost(const Event& event, const std::string& lines, const Variables& environment) {
    RuntimeApiServer server;
    TaskRoot root;
    server.add({.payload = R"({"a":1})"});
    Bootstrap bootstrap(server, root, root.script("handler", lines), environment);
    CHECK(server.next_post().path == response_path());
    server.wait_until_idle();
    const auto before = resident_kib_of(bootstrap.pid());
    server.add(event);
    CHECK(server.next_post().path == response_path());
    server.wait_until_idle();
    return static_cast<double>(peak_resident_kib_of(bootstrap.pid()) - before) * 1024 /
           static_cast<double>(event.payload.size());
}

void check_cost(const std::string& lines, const Variables& environment) {
    if (is_sanitized()) return;
    for (const auto& payload : costly_events()) {
        const auto times = cost({.payload = payload}, lines, environment);
        CAPTURE(payload.substr(0, 20), times);
        CHECK(times <= 3);
    }
}

/// Leaves a running bootstrap `kib` more of address space than it has.
void limit_memory(const Bootstrap& bootstrap, long kib) {
    const auto bytes = (virtual_kib_of(bootstrap.pid()) + kib) * 1024;
    const auto limited = run_program({.argv = {"prlimit", "--pid", std::to_string(bootstrap.pid()),
                                               "--as=" + std::to_string(bytes) + ":"},
                                      .environment = usual_environment()});
    INFO(limited.errors);
    REQUIRE(limited.exit == 0);
}

/// An event for which there is no memory is an error, and the next one runs.
void check_poverty(RuntimeApiServer& server, const Bootstrap& bootstrap, const Event& large,
                   const Event& small) {
    for (const long kib : {256, 1024, 2048, 4096, 6144, 8192}) {
        limit_memory(bootstrap, kib);
        server.add(large);
        const auto post = server.next_post();
        CAPTURE(kib, post.body().substr(0, 200), bootstrap.errors());
        if (post.path == error_path(large.id))
            CHECK(error_type(post) == "Runtime.OutOfResources");
        else
            CHECK(post.body().size() > 6'000'000);
        server.add(small);
        CHECK(server.next_post().path == response_path(small.id));
        server.wait_until_idle();
        CHECK(zombies_of(bootstrap.pid()) == 0);
    }
}

const std::string flood = "head -c 6000000 /dev/zero | tr '\\0' x";

}  // namespace

TEST_CASE("an event costs three times its size at most, whatever JSON it is") {
    check_cost("cat >/dev/null; echo 1", {{"FORKLIFT_INPUT", "/a"}});
    check_cost("cat >/dev/null; echo 1", {{"FORKLIFT_COMMAND", "handler {/a}"}});
}

TEST_CASE("JSON for a worker of lines costs three times its size at most") {
    check_cost(worker_loop("echo 1"), as_worker());
}

TEST_CASE("JSON that a program answers with costs three times its size at most") {
    check_cost("cat", {{"FORKLIFT_OUTPUT", "json"}});
    check_cost("cat", {});
}

TEST_CASE("a web request of endless headers is refused, and costs three times its size at most") {
    if (is_sanitized() || !has_tool("python3")) return;
    for (const std::string beginning :
         {R"("multiValueHeaders":{"a":["",)", R"("headers":{"a":"",)"}) {
        const bool is_array = contains(beginning, "[");
        std::string payload =
            R"({"requestContext":{"elb":{}},"httpMethod":"GET","path":"/",)" + beginning;
        while (payload.size() < 6'000'000) payload += is_array ? R"("",)" : R"("a":"",)";
        payload += is_array ? R"(""]}})" : R"("a":""}})";
        Site site;
        site.pid();
        site.server.wait_until_idle();
        const auto before = resident_kib_of(site.bootstrap->pid());
        CHECK(site.error({.payload = payload}).text("/errorType") == "Function.InvalidEvent");
        const auto more = peak_resident_kib_of(site.bootstrap->pid()) - before;
        CAPTURE(beginning, more);
        CHECK(more * 1024 <= 3 * static_cast<long>(payload.size()));
    }
}

TEST_CASE("an event for a web server costs three times its size at most") {
    if (is_sanitized() || !has_tool("python3")) return;
    for (const auto& payload : costly_events()) {
        Site site;
        site.pid();
        site.server.wait_until_idle();
        const auto before = resident_kib_of(site.bootstrap->pid());
        // Such an event is no request: it is echoed.
        const auto post = site.post({.payload = payload});
        CHECK((post.body() == payload));
        const auto more = peak_resident_kib_of(site.bootstrap->pid()) - before;
        CAPTURE(payload.substr(0, 20), more);
        CHECK(more * 1024 <= 3 * static_cast<long>(payload.size()));
    }
}

// [not-emulated]: the limit would be the emulator's.
TEST_CASE("a program's output that there is no memory for is an error", "[not-emulated]") {
    if (is_sanitized()) return;
    RuntimeApiServer server;
    TaskRoot root;
    server.add({.id = "small"});
    root.script("handler", "[ $LAMBDA_RUNTIME_AWS_REQUEST_ID = small ] && exec echo 1\n" + flood);
    Bootstrap bootstrap(server, root, "handler");
    server.next_post();
    server.wait_until_idle();
    check_poverty(server, bootstrap, {.id = "large"}, {.id = "small"});
}

TEST_CASE("a worker's reply that there is no memory for is an error", "[not-emulated]") {
    if (is_sanitized()) return;
    RuntimeApiServer server;
    TaskRoot root;
    server.add({.payload = "1", .id = "small"});
    root.script("handler", worker_loop("[ $event = 1 ] && echo 1 || { " + flood + "; echo; }"));
    Bootstrap bootstrap(server, root, "handler", as_worker());
    server.next_post();
    server.wait_until_idle();
    check_poverty(server, bootstrap, {.payload = "2", .id = "large"},
                  {.payload = "1", .id = "small"});
}

TEST_CASE("a web server's answer that there is no memory for is an error", "[not-emulated]") {
    if (is_sanitized() || !has_tool("python3")) return;
    std::string program = Site::usual_program;
    program.replace(program.find("7000000"), 7, "6001000");
    Site site(program, {});
    site.pid();
    site.server.wait_until_idle();
    auto large = web("GET", "/large");
    large.id = "large";
    auto small = web("GET", "/pid");
    small.id = "small";
    check_poverty(site.server, *site.bootstrap, large, small);
}
