#include <unistd.h>

#include "tests/support/empty_root.h"
#include "tests/support/name_server.h"
#include "tests/support/runtime_api_server.h"
#include "tests/test.h"

using namespace forklift::test;

/// A Runtime API that is given by name. A static program cannot use the C library's resolver, which
/// loads modules from the machine; what stands in for it reads /etc/hosts and /etc/resolv.conf.
namespace {

std::string at(const std::string& host, const RuntimeApiServer& server) {
    const auto address = server.address();
    return host + address.substr(address.rfind(':'));
}

void check_answers(EmptyRoot& root, const std::string& host) {
    root.function().script("greet", "read -r event\necho \"$event\"");
    RuntimeApiServer server;
    server.add({.payload = "1"});
    server.add({.payload = "2"});
    Program bootstrap(root.bootstrap(at(host, server), "greet"));
    const auto post = server.next_post();
    CHECK(post.body() == "1\n");
    CHECK(post.header("Host") == at(host, server));
    CHECK(server.next_post().body() == "2\n");
    server.wait_until_idle();
    CHECK(bootstrap.errors() == "");
}

/// bootstrap asks several times; each time it says why there is no answer.
void check_is_no_host(EmptyRoot& root, const std::string& host) {
    root.function().script("greet", "echo 1");
    RuntimeApiServer server;
    Program bootstrap(root.bootstrap(at(host, server), "greet"));
    const auto finished = bootstrap.wait();
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, "FATAL"));
    CHECK(contains(finished.errors, "Could not resolve host: " + host));
    CHECK(server.connections() == 0);
}

}  // namespace

TEST_CASE("localhost is a host with no file that says so", "[static]") {
    EmptyRoot root;
    check_answers(root, "localhost");
}

TEST_CASE("a host in /etc/hosts is found", "[static]") {
    EmptyRoot root;
    root.files().file("etc/hosts", "127.0.0.1 localhost\n127.0.0.1 runtime.test runtime\n");
    check_answers(root, "runtime.test");
    check_answers(root, "runtime");
}

TEST_CASE("a host that the name server knows is found", "[static]") {
    if (::geteuid() != 0) {
        WARN("not tested: a name server at port 53 takes root");
        return;
    }
    NameServer names("runtime.example");
    EmptyRoot root;
    root.files().file("etc/resolv.conf", "nameserver " + names.address() + "\n");
    check_answers(root, "runtime.example");
    CHECK(names.questions() > 0);
    check_is_no_host(root, "other.example");
}

TEST_CASE("a host that nobody knows is named in the error", "[static]") {
    EmptyRoot root;
    check_is_no_host(root, "nowhere.invalid");
}
