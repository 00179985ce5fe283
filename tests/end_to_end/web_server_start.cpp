#include <csignal>

#include "tests/support/eventually.h"
#include "tests/support/free_port.h"
#include "tests/support/http_stream.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/support/site.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::chrono_literals;

/// A web server that is not where it should be, and a port that is not free.
namespace {

std::string init_error(Site& site) {
    const auto post = site.server.next_post();
    CHECK(post.path == "/2018-06-01/runtime/init/error");
    return Json(post.body()).text("/errorMessage");
}

/// Sends SIGKILL to bootstrap's process group, as a shell's `kill -9 -PGID` does.
void kill_group_of(const Bootstrap& bootstrap) { ::kill(-bootstrap.pid(), SIGKILL); }

}  // namespace

TEST_CASE("a server on another port is found out after two seconds") {
    if (!has_tool("python3")) return;
    const std::string other = free_port();
    Site site(Variables{{"FORKLIFT_COMMAND", "python3 -m http.server --bind 127.0.0.1 " + other}});
    site.begin();
    const auto told = site.bootstrap->wait_for_errors("does not accept");
    CHECK(contains(told, "port " + site.port()));
    CHECK(contains(told, "127.0.0.1:" + other));
    CHECK(site.server.polls() == 0);
}

TEST_CASE("a server on another address of the port is found out") {
    if (!has_tool("python3")) return;
    Site site(Variables{{"FORKLIFT_COMMAND", "sh run.sh"}});
    site.root.file("run.sh", "exec python3 -m http.server --bind 127.0.0.2 $PORT");
    site.begin();
    CHECK(contains(site.bootstrap->wait_for_errors("does not accept"), "127.0.0.2:" + site.port()));
}

TEST_CASE("a server that listens nowhere is waited for with a word") {
    Site site(Variables{{"FORKLIFT_COMMAND", "sleep 60"}});
    site.begin();
    const auto told = site.bootstrap->wait_for_errors("does not accept");
    CHECK(contains(told, "port " + site.port()));
    CHECK(contains(told, "listen on no port"));
}

// [not-emulated]: QEMU 7.2 does not know PR_SET_CHILD_SUBREAPER.
TEST_CASE("a server that goes to the background is told from one that failed", "[not-emulated]") {
    if (!has_tool("python3")) return;
    Site site(Variables{{"FORKLIFT_COMMAND", "sh run.sh"}});
    site.root.file("run.sh", "python3 -m http.server $PORT >/dev/null 2>&1 &");
    site.begin();
    const auto message = init_error(site);
    CHECK(contains(message, "exit status 0"));
    CHECK(contains(message, "has probably gone to the background"));
}

TEST_CASE("a server that goes to the background once it listens is told from one that failed",
          "[not-emulated]") {
    if (!has_tool("python3")) return;
    Site site(Variables{{"FORKLIFT_COMMAND", "sh run.sh"}});
    site.root.file("run.sh", "python3 server.py &\nwhile [ ! -e go ]; do sleep 0.01; done; rm go");
    site.pid();
    site.root.file("go", "");
    site.bootstrap->wait_for_errors("while it was idle; it has left processes running");
}

// [not-emulated]: an emulator has no parent-death signal.
TEST_CASE("a server does not outlive a bootstrap that is killed", "[not-emulated]") {
    if (!has_tool("python3")) return;
    Site site;
    const auto server = std::stoi(site.pid());
    kill_group_of(*site.bootstrap);
    CHECK(eventually([&] { return !is_alive(server); }, 2s));
    Site next(Variables{{"FORKLIFT_PORT", site.port()}});
    CHECK(next.pid() != std::to_string(server));
}

TEST_CASE("what is left of an earlier server is taken down, and the port is served") {
    if (!has_tool("python3")) return;
    // It holds the port from a session of its own, where no parent-death signal comes.
    Site site(Variables{{"FORKLIFT_COMMAND", "sh run.sh"}});
    site.root.file("run.sh", "setsid python3 server.py & wait");
    const auto server = std::stoi(site.pid());
    kill_group_of(*site.bootstrap);
    CHECK(is_alive(server));
    Site next(Variables{{"FORKLIFT_PORT", site.port()}});
    CHECK(next.pid() != std::to_string(server));
    CHECK_FALSE(is_alive(server));
    CHECK(contains(next.bootstrap->errors(), std::to_string(server)));
}

TEST_CASE("a server of somebody else is named, and left alone") {
    if (!has_tool("python3")) return;
    Site site;
    Program other({.argv = {"python3", "-m", "http.server", "--bind", "127.0.0.1", site.port()},
                   .environment = usual_environment(),
                   .directory = site.root.path()});
    const auto port = static_cast<std::uint16_t>(std::stoi(site.port()));
    CHECK(eventually([&] { return accepts(port); }));
    site.begin();
    const auto message = init_error(site);
    CHECK(contains(message, "port " + site.port()));
    CHECK(contains(message, std::to_string(other.pid())));
    CHECK(contains(message, "http.server"));
    CHECK(site.bootstrap->wait().exit == 1);
    CHECK(is_alive(other.pid()));
}

TEST_CASE("a server that cannot be connected to is an error with errno") {
    if (!has_tool("python3")) return;
    Site site;
    site.pid();
    site.server.wait_until_idle();
    const auto limited = run_program(
        {.argv = {"prlimit", "--pid", std::to_string(site.bootstrap->pid()), "--nofile=3:"},
         .environment = usual_environment()});
    REQUIRE(limited.exit == 0);
    const auto error = site.error(web("GET", "/pid"));
    CHECK(contains(error.text("/errorMessage"), "EMFILE"));
}
