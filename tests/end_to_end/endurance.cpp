#include <csignal>
#include <cstdlib>

#include "tests/support/eventually.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/support/tested_programs.h"
#include "tests/test.h"

using namespace forklift::test;

namespace {

int many_events() { return is_sanitized() ? 1000 : 10'000; }
constexpr int events_to_warm_up = 200;

struct Belongings {
    int descriptors = 0;
    int children = 0;
    long resident_kib = 0;
};

Belongings belongings_of(pid_t pid) {
    return {open_descriptors_of(pid), static_cast<int>(children_of(pid).size()),
            resident_kib_of(pid)};
}

}  // namespace

// [not-emulated]: the memory is QEMU's as well, which keeps what it has translated.
TEST_CASE("ten thousand events leave no descriptor and no zombie and no memory", "[not-emulated]") {
    RuntimeApiServer server;
    TaskRoot root;
    // Every way to end that takes no time, one after the other.
    root.script("handler",
                "case $LAMBDA_RUNTIME_AWS_REQUEST_ID in *1) exit 3;; *2) kill -KILL $$;; "
                "*3) echo words >&2;; *4) exec /no/such/program;; *) exec cat;; esac");
    const Event event{.payload = R"({"name":"Ada"})"};
    server.add_many(events_to_warm_up, event);
    Bootstrap bootstrap(server, root, "handler");
    server.wait_until_idle();
    const auto before = belongings_of(bootstrap.pid());

    const int done = static_cast<int>(server.posts().size());
    CHECK(done == events_to_warm_up);
    server.forget_requests();
    for (int sent = 0; sent < many_events(); sent += 1000) {
        server.add_many(1000, event);
        server.wait_for_polls(events_to_warm_up + sent + 1000 + 1);
    }
    server.wait_until_idle();
    const auto after = belongings_of(bootstrap.pid());
    CHECK(after.descriptors == before.descriptors);
    CHECK(after.children == 0);
    CHECK(server.connections() == 1);
    if (!is_sanitized()) CHECK(after.resident_kib - before.resident_kib < 512);
}

TEST_CASE("large events leave no memory behind") {
    RuntimeApiServer server;
    TaskRoot root;
    const Event event{.payload = "\"" + std::string(6'000'000, 'x') + "\""};
    server.add_many(5, event);
    Bootstrap bootstrap(server, root, root.script("handler", "exec cat"));
    server.wait_until_idle();
    const auto before = belongings_of(bootstrap.pid());
    server.forget_requests();
    server.add_many(20, event);
    server.wait_until_idle();
    const auto after = belongings_of(bootstrap.pid());
    CHECK(after.descriptors == before.descriptors);
    CHECK(after.children == 0);
    if (!is_sanitized()) CHECK(after.resident_kib - before.resident_kib < 8 * 1024);
}

TEST_CASE("orphans that escape do not pile up") {
    RuntimeApiServer server;
    TaskRoot root;
    // Leaves a process in a session of its own that ends a moment later, when the event says so.
    root.script("handler",
                "case $(cat) in *orphan*) setsid sleep 0.1 </dev/null >/dev/null 2>&1 & esac");
    server.add_many(50, {.payload = "\"orphan\""});
    Bootstrap bootstrap(server, root, "handler");
    server.wait_until_idle();
    CHECK(server.posts().size() == 50);
    // Idle or not, the dead are collected; at the latest by the time of the next event.
    CHECK(eventually([&] {
        if (children_of(bootstrap.pid()).empty()) return true;
        server.add({});
        server.wait_until_idle();
        return false;
    }));
}

TEST_CASE("dropped connections leave no descriptor") {
    RuntimeApiServer server;
    TaskRoot root;
    Bootstrap bootstrap(server, root, root.script("handler", "exec cat"));
    int polls = 0;
    const auto drop_some = [&](int count) {
        for (int i = 0; i < count; ++i) {
            Event event;
            event.manner = Manner::answers_and_closes;
            server.add(event);
            server.add_post({202, "{}", Manner::closes_without_answer});
        }
        polls += count;
        server.wait_for_polls(polls + 1);
    };
    drop_some(10);
    const auto before = open_descriptors_of(bootstrap.pid());
    drop_some(100);
    CHECK(open_descriptors_of(bootstrap.pid()) <= before);
    CHECK(server.posts().size() == 110);
}
