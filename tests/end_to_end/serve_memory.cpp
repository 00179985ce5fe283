#include <algorithm>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/forklift.h"
#include "tests/support/http_stream.h"
#include "tests/support/proc.h"
#include "tests/support/task_root.h"
#include "tests/support/tested_programs.h"
#include "tests/test.h"

using namespace forklift::test;

/// How much memory clients can make `forklift serve` hold.
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;
constexpr std::size_t largest = 6 * mebibyte;

/// Clients that send all of a large request but its last byte.
std::vector<HttpStream> hold_requests(const ForkliftServe& server, int count,
                                      const std::string& path) {
    std::vector<HttpStream> clients;
    const std::string body(largest - 1, 'x');
    for (int i = 0; i < count; ++i) {
        clients.push_back(HttpStream::connect(server.port()));
        clients.back().write("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                             std::to_string(largest) + "\r\n\r\n");
        clients.back().write(body);
    }
    return clients;
}

bool has_answer(const HttpStream& client) {
    return client.is_readable_within(std::chrono::milliseconds(0));
}

}  // namespace

// [not-emulated]: the emulator's own memory counts.
TEST_CASE("clients that hold back the last byte of their requests do not fill the memory",
          "[not-emulated]") {
    TaskRoot root;
    root.script("size.sh", "wc -c");
    const ForkliftServe server({root.path_of("size.sh")});
    for (const auto* path : {"/", "/2015-03-31/functions/size/invocations"}) {
        CAPTURE(path);
        {
            auto clients = hold_requests(server, 40, path);
            const auto first_refused = [&] {
                return std::partition(clients.begin(), clients.end(),
                                      [](const HttpStream& client) { return !has_answer(client); });
            };
            // Ten have room.
            CHECK(eventually([&] { return clients.end() - first_refused() >= 30; }));
            for (auto client = first_refused(); client != clients.end(); ++client) {
                const auto answer = client->read_message();
                REQUIRE(answer);
                CHECK(answer->status() == 503);
                CHECK(answer->header("x-amzn-ErrorType") == "ServiceException");
                CHECK(answer->header("Connection") == "close");
            }
            if (!is_sanitized()) CHECK(peak_resident_kib_of(server.pid()) < 96 * 1024);
            // The others are still waited for.
            REQUIRE_FALSE(has_answer(clients.front()));
            clients.front().write("x");
            CHECK(clients.front().read_message()->status() != 503);
        }
        CHECK(eventually([&] {
            return exchange(server.port(), "POST", "/2015-03-31/functions/size/invocations", {},
                            std::string(largest, 'x'))
                       .body == std::to_string(largest) + "\n";
        }));
    }
}

TEST_CASE("events that wait for an environment do not fill the memory", "[not-emulated]") {
    TaskRoot root;
    root.script("wait.sh", "until [ -e go ]; do sleep 0.02; done; wc -c >>sizes");
    const ForkliftServe server({root.path_of("wait.sh"), "--timeout", "60"});
    const std::string event(mebibyte, '1');
    const auto enqueue = [&] {
        return exchange(server.port(), "POST", "/2015-03-31/functions/wait/invocations",
                        {{"X-Amz-Invocation-Type", "Event"}}, event);
    };
    int accepted = 0;
    while (accepted < 200 && enqueue().status() == 202) ++accepted;
    // One runs.
    CHECK(accepted == 65);
    CHECK(enqueue().header("x-amzn-ErrorType") == "TooManyRequestsException");
    if (!is_sanitized()) CHECK(peak_resident_kib_of(server.pid()) < 128 * 1024);
    root.file("go", "");
    CHECK(eventually([&] { return enqueue().status() == 202; }));
}
