#include <cstdlib>
#include <thread>

#include "tests/support/bootstrap.h"
#include "tests/support/eventually.h"
#include "tests/support/forklift.h"
#include "tests/support/http_stream.h"
#include "tests/support/json.h"
#include "tests/support/proc.h"
#include "tests/support/task_root.h"
#include "tests/support/tested_programs.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::chrono_literals;

/// What clients of all kinds do to `forklift serve`: slow ones, rude ones, large ones, probes.
namespace {

constexpr const char* simple_get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::size_t mebibyte = 1024 * 1024;

struct Counting {
    TaskRoot root;
    ForkliftServe server;

    explicit Counting(std::vector<std::string> arguments = {})
        : server([&] {
              // One byte for each event.
              root.script("count.sh", "printf x >>events; exec cat");
              arguments.push_back(root.path_of("count.sh"));
              return arguments;
          }()) {}

    std::size_t events() const {
        if (!std::filesystem::exists(root.path_of("events"))) return 0;
        return read_file(root.path_of("events")).size();
    }
    HttpMessage get() const { return exchange(server.port(), "GET", "/", {}, ""); }
    HttpStream connect() const { return HttpStream::connect(server.port()); }
};

int status_of(HttpStream& stream) {
    const auto answer = stream.read_message();
    return answer ? answer->status() : 0;
}

Finished curl(const std::vector<std::string>& arguments, const std::string& input = {}) {
    ProgramOptions program;
    program.argv = {"curl", "-sS", "--max-time", "20"};
    program.argv.insert(program.argv.end(), arguments.begin(), arguments.end());
    program.environment = usual_environment();
    program.input = input;
    return run_program(program);
}

}  // namespace

TEST_CASE("a connection that brings nothing starts no event and does no harm") {
    const Counting counting;
    for (int i = 0; i < 20; ++i) counting.connect();
    for (int i = 0; i < 20; ++i) {
        auto probe = counting.connect();
        probe.reset_at_end();
    }
    // Half a request is none.
    counting.connect().write("GET / HT");
    counting.connect().write("GET / HTTP/1.1\r\nHost: localhost\r\n");
    CHECK(counting.get().status() == 200);
    CHECK(counting.events() == 1);
}

TEST_CASE("a connection carries one request after the other, sent at once or in turn") {
    const Counting counting;
    auto stream = counting.connect();
    const std::string post =
        "POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
        "Content-Length: 2\r\n\r\nhi";
    stream.write(simple_get + post + simple_get);
    CHECK(Json(stream.read_message()->body).text("/rawPath") == "/");
    CHECK(Json(stream.read_message()->body).text("/body") == "hi");
    CHECK(Json(stream.read_message()->body).text("/rawPath") == "/");
    stream.write("GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const auto last = stream.read_message();
    CHECK(last->header("Connection") == "close");
    CHECK_FALSE(stream.read_message());
    CHECK(counting.events() == 4);
}

TEST_CASE("a client of HTTP/1.0 is served and its connection closed") {
    const Counting counting;
    auto stream = counting.connect();
    stream.write("GET / HTTP/1.0\r\n\r\n");
    const auto answer = stream.read_message();
    CHECK(Json(answer->body).text("/requestContext/http/protocol") == "HTTP/1.0");
    CHECK_FALSE(stream.read_message());
}

TEST_CASE("a chunked body is put together") {
    const Counting counting;
    auto stream = counting.connect();
    stream.write(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    stream.write("4;note=1\r\ndefg\r\n0\r\n\r\n");
    const Json event(stream.read_message()->body);
    CHECK(event.text("/body") == "abcdefg");
    CHECK(event.text("/headers/content-length") == "7");
    CHECK_FALSE(event.has("/headers/transfer-encoding"));
}

TEST_CASE("a client that goes away in its request starts no event") {
    const Counting counting;
    for (const auto* part :
         {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345",
          "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"}) {
        counting.connect().write(part);
        auto stream = counting.connect();
        stream.write(part);
        stream.reset_at_end();
    }
    CHECK(counting.get().status() == 200);
    CHECK(counting.events() == 1);
}

TEST_CASE("a client that does not wait for its answer does no harm") {
    TaskRoot root;
    root.script("large.sh", "touch started-$(date +%s%N); head -c 4000000 /dev/zero | tr '\\0' x");
    const ForkliftServe server({root.path_of("large.sh"), "--timeout", "20"});
    for (int i = 0; i < 3; ++i) {
        {
            auto stream = HttpStream::connect(server.port());
            stream.write(simple_get);
            stream.reset_at_end();
        }
        // The environment is free again once the function has ended.
        CHECK(eventually(
            [&] { return exchange(server.port(), "GET", "/", {}, "").status() == 200; }));
    }
    CHECK(exchange(server.port(), "GET", "/", {}, "").body.size() == 4'000'002);
}

TEST_CASE("a request that is not HTTP is told so") {
    const Counting counting;
    for (const auto* request :
         {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
          "GET a HTTP/1.1\r\nHost: localhost\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
          "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: identity\r\n\r\nbody",
          "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        CAPTURE(request);
        auto stream = counting.connect();
        stream.write(request);
        CHECK(status_of(stream) == 400);
    }
    auto stream = counting.connect();
    stream.write("CONNECT x:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n");
    CHECK(status_of(stream) == 405);
    CHECK(counting.events() == 0);
}

TEST_CASE("one header that is too large is refused, and the server goes on") {
    const Counting counting;
    auto stream = counting.connect();
    stream.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: " + std::string(70'000, 'a') +
                 "\r\n\r\n");
    CHECK(status_of(stream) == 431);
    auto next = counting.connect();
    next.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(status_of(next) == 200);
}

TEST_CASE("a flood of headers is refused") {
    const Counting counting;
    auto stream = counting.connect();
    stream.write("GET / HTTP/1.1\r\nHost: localhost\r\n");
    const std::string line = "X-" + std::string(1000, 'a') + ": " + std::string(1000, 'b') + "\r\n";
    for (int i = 0; i < 2000 && stream.write(line); ++i) {
    }
    CHECK(status_of(stream) == 431);
    CHECK(counting.get().status() == 200);
    CHECK(counting.events() == 1);
}

TEST_CASE("a body that Lambda would not take is 413") {
    const Counting counting;
    const auto post = [&](std::size_t size, const char* type) {
        return exchange(counting.server.port(), "POST", "/", {{"Content-Type", type}},
                        std::string(size, 'x'))
            .status();
    };
    CHECK(post(6 * mebibyte, "text/plain") == 413);
    CHECK(post(7 * mebibyte, "text/plain") == 413);
    // Base64 makes a third more of it.
    CHECK(post(5 * mebibyte, "application/octet-stream") == 413);
    CHECK(counting.events() == 0);
    CHECK(post(6 * mebibyte - 2000, "text/plain") == 200);
    CHECK(post(4 * mebibyte, "application/octet-stream") == 200);
}

TEST_CASE("a client that asks before it sends its body gets an answer") {
    const Counting counting;
    auto stream = counting.connect();
    stream.write(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
        "Expect: 100-continue\r\n\r\n");
    CHECK(stream.read_head()->word(1) == "100");
    stream.write("hi");
    CHECK(Json(stream.read_message()->body).text("/body") == "hi");
    auto large = counting.connect();
    large.write(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7000000\r\n"
        "Expect: 100-continue\r\n\r\n");
    CHECK(status_of(large) == 413);
    CHECK(counting.events() == 1);
}

TEST_CASE("a slow client is waited for while it goes on, and dropped when it does not") {
    const Counting counting({"--client-timeout", "1"});
    // Longer than the timeout as a whole, with no pause that long.
    auto slow = counting.connect();
    slow.write(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: "
        "8\r\n\r\n");
    for (const char c : std::string("slowly..")) {
        std::this_thread::sleep_for(200ms);
        slow.write(std::string(1, c));
    }
    CHECK(Json(slow.read_message()->body).text("/body") == "slowly..");

    auto idle = counting.connect();
    auto headless = counting.connect();
    headless.write("GET / HTTP/1.1\r\n");
    auto bodiless = counting.connect();
    bodiless.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\nhalf");
    for (auto* stream : {&idle, &headless, &bodiless}) CHECK(status_of(*stream) == 0);
    // One head is one step, however many pieces it comes in.
    auto dripping = counting.connect();
    dripping.write("GET / HTTP/1.1\r\nHost: localhost\r\n");
    CHECK_FALSE(eventually([&] { return !dripping.write("X: y\r\n"); }, 0ms));
    CHECK(eventually([&] {
        std::this_thread::sleep_for(100ms);
        return !dripping.write("X: y\r\n");
    }));
    CHECK(counting.events() == 1);
}

TEST_CASE("curl's own requests are served") {
    if (!has_tool("curl")) return;
    const Counting counting;
    const std::string url = counting.server.url();
    const auto event = [](const Finished& finished) {
        CHECK(finished.exit == 0);
        return Json(finished.output);
    };
    const auto form = event(curl({url + "/form?a=b", "-d", "name=Ada", "-b", "c=1; d=2"}));
    CHECK(form.text("/body") == "bmFtZT1BZGE=");
    CHECK(form.texts("/cookies") == std::vector<std::string>{"c=1", "d=2"});
    CHECK(form.text("/requestContext/http/userAgent") == form.text("/headers/user-agent"));
    const auto json = event(curl({url, "--json", R"({"a":1})", "-X", "PATCH"}));
    CHECK(json.text("/body") == R"({"a":1})");
    CHECK(json.text("/requestContext/http/method") == "PATCH");
    // Without a length beforehand, and large enough that curl asks before it sends.
    const std::string text(2'000'000, 'x');
    const auto upload =
        event(curl({"-T", "-", url + "/up", "-H", "Content-Type: text/plain"}, text));
    CHECK((upload.text("/body") == text));
    const auto posted =
        event(curl({url, "-H", "Content-Type: text/plain", "--data-binary", "@-"}, text));
    CHECK((posted.text("/body") == text));
    const auto head = curl({"-I", url});
    CHECK(head.exit == 0);
    CHECK(begins_with(head.output, "HTTP/1.1 200"));
    const auto refused = curl({url, "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@-"},
                              std::string(7'000'000, 'x'));
    CHECK(refused.output == "413");
}

// [not-emulated]: the emulator's own memory counts.
TEST_CASE("a thousand requests leave no descriptor, no process and no memory", "[not-emulated]") {
    const Counting counting;
    const auto send = [&](int count) {
        auto kept = counting.connect();
        for (int i = 0; i < count; ++i) {
            if (i % 2 == 0) {
                CHECK(counting.get().status() == 200);
            } else {
                kept.write(simple_get);
                CHECK(status_of(kept) == 200);
            }
            if (i % 10 == 0) counting.connect().write("GET /");
        }
    };
    const pid_t pid = counting.server.pid();
    send(100);
    const auto settled = [&](int descriptors) {
        return eventually([&] { return open_descriptors_of(pid) <= descriptors; });
    };
    counting.get();
    const int descriptors = open_descriptors_of(pid);
    const long memory = resident_kib_of(pid);
    send(is_sanitized() ? 300 : 1000);
    // The memory gauge keeps two files open of a process that it saw last, or none.
    CHECK(settled(descriptors + 2));
    // bootstrap alone.
    CHECK(eventually([&] { return descendants_of(pid).size() == 1; }));
    if (!is_sanitized()) CHECK(resident_kib_of(pid) - memory < 1024);
}
