#include "local/request_guard.h"

#include "local/usage_error.h"
#include "local/web_origin.h"
#include "tests/test.h"

using namespace forklift::local;
using forklift::protocol::Headers;

namespace {

HttpRequest request_of(const std::string& method, Headers headers, std::string target = "/") {
    HttpRequest request;
    request.method = method;
    request.target = std::move(target);
    request.version = "HTTP/1.1";
    request.headers = std::move(headers);
    return request;
}

const RequestGuard local_guard(true, {}, {});

bool passes(const RequestGuard& guard, const std::string& method, Headers headers,
            std::string target = "/") {
    return !guard.refusal(request_of(method, std::move(headers), std::move(target)));
}

bool passes_host(const RequestGuard& guard, const std::string& host) {
    return passes(guard, "POST", {{"Host", host}});
}

bool passes_origin(const RequestGuard& guard, const std::string& origin,
                   const std::string& host = "localhost:9000") {
    return passes(guard, "POST", {{"Host", host}, {"origin", origin}});
}

}  // namespace

TEST_CASE("on loopback only hosts of this machine may be asked for") {
    for (const char* host : {"localhost", "localhost:9000", "LOCALHOST:9000", "localhost.",
                             "app.localhost:9000", "127.0.0.1", "127.0.0.1:9000", "127.8.9.10",
                             "[::1]:9000", "[::1]", "[::ffff:127.0.0.1]:9000"}) {
        CAPTURE(host);
        CHECK(passes_host(local_guard, host));
    }
    for (const char* host :
         {"rebind.evil.example", "rebind.evil.example:9000", "localhost.evil.example",
          "evil-localhost", "127.0.0.1.evil.example", "127.1", "2130706433", "0x7f000001",
          "0.0.0.0", "10.0.0.1", "[::2]", "[::]", "[::1", "", "localhost@evil.example", "*",
          "host.docker.internal"}) {
        CAPTURE(host);
        CHECK_FALSE(passes_host(local_guard, host));
    }
    // HTTP/1.0 needs none.
    CHECK(passes(local_guard, "GET", {}));
    CHECK_FALSE(passes(local_guard, "GET", {{"Host", "localhost"}, {"Host", "evil.example"}}));
    CHECK_FALSE(passes(local_guard, "GET", {{"Host", "localhost"}}, "http://evil.example/"));
    CHECK_FALSE(
        passes(local_guard, "GET", {{"Host", "localhost"}}, "http://localhost:9000@evil.example"));
    CHECK(passes(local_guard, "GET", {{"Host", "evil.example"}}, "/http://localhost") == false);
    CHECK(passes(local_guard, "GET", {{"Host", "localhost"}}, "/?next=http://evil.example/"));
    CHECK(passes(local_guard, "GET", {{"Host", "localhost"}}, "http://127.0.0.1:9000/"));
}

TEST_CASE("a host that is allowed may be asked for at any port") {
    const RequestGuard guard(true, {"App.Example.com", "::2", "[::3]"}, {});
    for (const char* host : {"app.example.com", "APP.example.com:8443", "app.example.com.",
                             "[::2]:9000", "[::3]", "localhost"})
        CHECK(passes_host(guard, host));
    for (const char* host : {"example.com", "other.example.com", "[::4]"})
        CHECK_FALSE(passes_host(guard, host));
    CHECK(passes_host(RequestGuard(true, {"*"}, {}), "rebind.evil.example"));
}

TEST_CASE("requests of pages of other sites are refused, those of this machine's own pass") {
    for (const char* origin :
         {"http://localhost:9000", "http://localhost:5173", "https://localhost", "http://127.0.0.1",
          "http://[::1]:3000", "http://app.localhost"}) {
        CAPTURE(origin);
        CHECK(passes_origin(local_guard, origin));
    }
    for (const char* origin :
         {"http://evil.example", "https://evil.example:9000", "null", "", "file://",
          "chrome-extension://localhost", "http://localhost.evil.example", "http://localhost@evil",
          "http://evil.example/http://localhost", "localhost"}) {
        CAPTURE(origin);
        CHECK_FALSE(passes_origin(local_guard, origin));
    }
    CHECK_FALSE(passes(local_guard, "POST",
                       {{"Host", "localhost"},
                        {"Origin", "http://localhost"},
                        {"Origin", "http://evil.example"}}));
}

TEST_CASE("pages of an allowed host, and of allowed origins, may send requests") {
    const RequestGuard guard(true, {"app.example.com"}, {"https://Front.example.com/", "null"});
    CHECK(passes_origin(guard, "https://app.example.com", "app.example.com"));
    CHECK(passes_origin(guard, "http://app.example.com:8080", "app.example.com:8080"));
    CHECK(passes_origin(guard, "https://app.example.com", "app.example.com:443"));
    CHECK_FALSE(passes_origin(guard, "https://app.example.com:8443", "app.example.com"));
    CHECK_FALSE(passes_origin(guard, "https://app.example.com", "localhost"));
    CHECK(passes_origin(guard, "https://front.example.com"));
    CHECK(passes_origin(guard, "https://front.example.com:443"));
    CHECK(passes_origin(guard, "null"));
    CHECK_FALSE(passes_origin(guard, "http://front.example.com"));
    CHECK_FALSE(passes_origin(guard, "https://front.example.com:444"));
    CHECK(passes_origin(RequestGuard(true, {}, {"*"}), "http://evil.example"));
}

TEST_CASE("where a request without an origin comes from is what the browser says of its site") {
    const auto passes_from = [](const std::string& site, const std::string& method,
                                const std::string& mode, const std::string& destination,
                                const std::string& host = "localhost") {
        return passes(RequestGuard(true, {"app.example.com"}, {}), method,
                      {{"Host", host},
                       {"Sec-Fetch-Site", site},
                       {"Sec-Fetch-Mode", mode},
                       {"Sec-Fetch-Dest", destination}});
    };
    CHECK(passes_from("none", "GET", "navigate", "document"));
    CHECK(passes_from("same-origin", "POST", "cors", "empty"));
    CHECK_FALSE(passes_from("cross-site", "GET", "no-cors", "image"));
    CHECK_FALSE(passes_from("cross-site", "GET", "cors", "empty"));
    // A link on another site, and the way back from where a user signs in.
    CHECK(passes_from("cross-site", "GET", "navigate", "document"));
    CHECK(passes_from("cross-site", "HEAD", "navigate", "document"));
    CHECK_FALSE(passes_from("cross-site", "POST", "navigate", "document"));
    CHECK_FALSE(passes_from("cross-site", "GET", "navigate", "iframe"));
    // Another port of this machine, and another name below one domain.
    CHECK(passes_from("same-site", "GET", "no-cors", "image"));
    CHECK_FALSE(passes_from("same-site", "GET", "no-cors", "image", "app.example.com"));
    const Headers named = {{"Host", "localhost"},
                           {"Origin", "http://127.0.0.1:5173"},
                           {"Sec-Fetch-Site", "cross-site"},
                           {"Sec-Fetch-Mode", "cors"}};
    CHECK(passes(local_guard, "POST", named));
    CHECK(passes(RequestGuard(true, {}, {"*"}), "GET",
                 {{"Host", "localhost"}, {"Sec-Fetch-Site", "cross-site"}}));
}

TEST_CASE("beyond loopback everybody may call, unless somebody is named") {
    const Headers foreign = {{"Host", "app.example.com"},
                             {"Origin", "http://evil.example"},
                             {"Sec-Fetch-Site", "cross-site"}};
    CHECK(passes(RequestGuard(false, {}, {}), "POST", foreign));
    CHECK_FALSE(passes(RequestGuard(false, {"other.example.com"}, {}), "POST", foreign));
    CHECK(passes(RequestGuard(false, {"app.example.com"}, {}), "POST", foreign));
    CHECK_FALSE(passes(RequestGuard(false, {}, {"https://front.example"}), "POST", foreign));
}

TEST_CASE("a refusal names the option that lets the request in") {
    const auto host = local_guard.refusal(request_of("GET", {{"Host", "Rebind.Evil.example:80"}}));
    CHECK(host ==
          "The host \"rebind.evil.example\" is not this machine; forklift serve lets it in with "
          "--allow-host rebind.evil.example");
    const auto origin = local_guard.refusal(
        request_of("GET", {{"Host", "localhost"}, {"Origin", "http://evil.example"}}));
    REQUIRE(origin);
    CHECK(forklift::test::contains(*origin, "--allow-origin http://evil.example"));
    const auto long_one =
        local_guard.refusal(request_of("GET", {{"Host", std::string(9999, 'x')}}));
    REQUIRE(long_one);
    CHECK(long_one->size() < 1000);
}

TEST_CASE("what is no host and what is no origin cannot be allowed") {
    for (const char* host : {"", "http://app.example.com", "app.example.com:80", "a/b", "a b"}) {
        CAPTURE(host);
        CHECK_THROWS_AS(RequestGuard(true, {host}, {}), UsageError);
    }
    for (const char* origin :
         {"", "app.example.com", "https://", "://x", "https://a/b", "https:/a"}) {
        CAPTURE(origin);
        CHECK_THROWS_AS(RequestGuard(true, {}, {origin}), UsageError);
    }
}
