#include <set>

#include "tests/support/forklift.h"
#include "tests/support/free_port.h"
#include "tests/support/http_stream.h"
#include "tests/support/task_root.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// A request that becomes an event, and a request again for a web server, and the way back.
namespace {

constexpr const char* web_server = R"(
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Mirror(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(207, "Multi")
        for name, value in self.headers.items():
            if name.lower().startswith("x-echo"): self.send_header(name, value)
        for cookie in self.headers.get("Cookie", "").split("; "):
            if cookie: self.send_header("Set-Cookie", cookie + "; Path=/")
        self.send_header("X-Line", self.path)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(body)
    do_GET = do_HEAD = do_DELETE = do_POST = do_PATCH = do_OPTIONS = do_PUT
    def log_message(self, *words): pass

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Mirror).serve_forever()
)";

}  // namespace

TEST_CASE("a request through an event to a web server and back is the same") {
    if (!has_tool("python3")) return;
    TaskRoot root;
    root.file("mirror.py", web_server);
    root.file("forklift.json", R"({"handlers":{"site":{"command":["python3","mirror.py"],)"
                               R"("mode":"http","port":)" +
                                   free_port() + "}}}");
    const ForkliftServe server({root.path_of("site"), "--timeout", "20"});
    std::string body;
    for (int i = 0; i < 100'000; ++i) body += static_cast<char>(i * 7 % 256);
    const auto answer = exchange(server.port(), "PUT", "/a%20b/%E4?c=%26&c=2&d",
                                 {{"X-Echo-Quotes", "a\"b\\c <&>"},
                                  {"X-Echo-Utf8", "\xc3\xa4"},
                                  {"X-Echo-Many", "1"},
                                  {"X-Echo-Many", "2"},
                                  {"X-Echo-Empty", ""},
                                  {"Cookie", "a=1; b=\"2\""},
                                  {"Cookie", "c=3"},
                                  {"Content-Type", "text/plain"}},
                                 body);
    CHECK(answer.status() == 207);
    CHECK((answer.body == body));
    CHECK(answer.header("X-Line") == "/a%20b/%E4?c=%26&c=2&d");
    CHECK(answer.header("X-Echo-Quotes") == "a\"b\\c <&>");
    CHECK(answer.header("X-Echo-Many") == "1,2");
    CHECK(answer.header("X-Echo-Empty") == "");
    std::multiset<std::string> cookies;
    for (const auto& [name, value] : answer.headers)
        if (name == "Set-Cookie") cookies.insert(value);
    CHECK(cookies == std::multiset<std::string>{"a=1; Path=/", "b=\"2\"; Path=/", "c=3; Path=/"});
}
