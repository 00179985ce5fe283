#include "tests/support/forklift.h"
#include "tests/support/http_stream.h"
#include "tests/support/task_root.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// What web pages of others may do to `forklift serve` on a developer's machine.
namespace {

constexpr const char* invocations = "/2015-03-31/functions/f/invocations";

struct Guarded {
    TaskRoot root;
    ForkliftServe server;

    explicit Guarded(std::vector<std::string> arguments = {})
        : server([&] {
              root.script("run.sh", "printf x >>runs; printf 1");
              arguments.push_back(root.path_of("run.sh"));
              return arguments;
          }()) {}

    /// exchange() with a Host of ours.
    HttpMessage send(const std::string& method, const std::string& path, const std::string& host,
                     const HttpFields& headers) const {
        auto stream = HttpStream::connect(server.port());
        std::string head = method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n";
        for (const auto& [name, value] : headers) head += name + ": " + value + "\r\n";
        stream.write(head + "Content-Length: 2\r\n\r\n{}");
        auto answer = stream.read_message();
        REQUIRE(answer);
        return *answer;
    }

    void check_refused(const std::string& host, const HttpFields& headers,
                       const std::string& words) const {
        for (const auto* path : {"/", invocations}) {
            CAPTURE(path, host);
            const auto answer = send("POST", path, host, headers);
            CHECK(answer.status() == 403);
            CHECK(answer.header("x-amzn-ErrorType") == "AccessDeniedException");
            CHECK(contains(answer.body, words));
        }
        CHECK_FALSE(std::filesystem::exists(root.path_of("runs")));
    }

    void check_served(const std::string& host, const HttpFields& headers) const {
        for (const auto* path : {"/", invocations}) {
            CAPTURE(path, host);
            CHECK(send("POST", path, host, headers).body == "1");
        }
    }
};

const HttpFields of_evil_page = {{"Origin", "http://evil.example"}, {"Content-Type", "text/plain"}};

}  // namespace

TEST_CASE("a page of another site cannot run the function of a developer who visits it") {
    Guarded guarded;
    guarded.check_refused("localhost", of_evil_page, "--allow-origin http://evil.example");
    guarded.check_refused("127.0.0.1", {{"Origin", "null"}}, "--allow-origin null");
    guarded.check_refused("localhost", {{"Sec-Fetch-Site", "cross-site"}}, "--allow-origin");
    guarded.check_refused("rebind.evil.example", {}, "--allow-host rebind.evil.example");
    guarded.check_refused("rebind.evil.example:9000",
                          {{"Origin", "http://rebind.evil.example:9000"}},
                          "--allow-host rebind.evil.example");
    const auto log = guarded.server.wait_for_errors("rebind.evil.example");
    CHECK(contains(log, "forklift: refused POST /: The request comes from a page of another site"));
    // The developer's own requests are served all the while.
    guarded.check_served("localhost", {{"Origin", "http://localhost:5173"}});
    guarded.check_served("[::1]:9000", {});
}

TEST_CASE("a user who follows a link, or comes back from where he signs in, is served") {
    const Guarded guarded;
    const HttpFields visit = {{"Sec-Fetch-Site", "cross-site"},
                              {"Sec-Fetch-Mode", "navigate"},
                              {"Sec-Fetch-Dest", "document"}};
    CHECK(guarded.send("GET", "/callback?code=1", "localhost", visit).body == "1");
    CHECK(guarded.send("POST", "/callback", "localhost", visit).status() == 403);
}

TEST_CASE("hosts and origins that are allowed are served") {
    const Guarded named({"--allow-host", "app.example.com", "--allow-host", "other.example.com",
                         "--allow-origin", "http://evil.example"});
    named.check_served("app.example.com", {});
    named.check_served("other.example.com", of_evil_page);
    const Guarded any({"--allow-host", "*", "--allow-origin", "*"});
    any.check_served("rebind.evil.example", of_evil_page);
}

TEST_CASE("a server beyond loopback serves everybody, unless somebody is named") {
    const auto beyond = [](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--host", "0.0.0.0"});
        return arguments;
    };
    const Guarded guarded(beyond({}));
    guarded.check_served("rebind.evil.example", of_evil_page);
    const Guarded named(beyond({"--allow-origin", "https://app.example.com"}));
    named.check_refused("app.example.com", of_evil_page, "--allow-origin");
}

TEST_CASE("what is no host or no origin is a mistake on the command line") {
    const TaskRoot root;
    for (const auto& [option, value] : std::vector<std::pair<std::string, std::string>>{
             {"--allow-host", "http://app.example.com"}, {"--allow-origin", "app.example.com"}}) {
        const auto finished = run_forklift({"serve", "cat", option, value}, root.path());
        CHECK(finished.exit == 2);
        CHECK(contains(finished.errors, option + " " + value));
    }
}

TEST_CASE("the embedded Runtime API is no page's either") {
    if (!has_tool("curl")) return;
    TaskRoot root;
    root.script(
        "ask.sh",
        // bootstrap keeps the address to itself.
        "api=$(tr '\\0' '\\n' </proc/$PPID/environ | sed -n 's/^AWS_LAMBDA_RUNTIME_API=//p')\n"
        "ask() { curl -sS -o /dev/null -w '%{http_code} ' \"$@\" "
        "http://$api/2018-06-01/ping; }\n"
        "ask; ask -H 'Host: rebind.evil.example'; ask -H 'Origin: http://evil.example'");
    const auto finished = run_forklift({"invoke", root.path_of("ask.sh")});
    CHECK(finished.output == "\"200 403 403 \"");
}
