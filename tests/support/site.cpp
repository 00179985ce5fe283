#include "tests/support/site.h"

#include "tests/support/free_port.h"
#include "tests/support/one_shot.h"
#include "tests/test.h"

namespace forklift::test {

const char* const Site::usual_program = R"(
import json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, status, body, *headers):
        self.send_response(status)
        for name, value in headers: self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(body)
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.split("?")[0]
        if path == "/pid": self.answer(200, str(os.getpid()).encode())
        elif path == "/seen": self.answer(200, json.dumps({"method": self.command,
            "path": self.path, "headers": self.headers.items(), "named": dict(self.headers)}).encode())
        elif path == "/cookies": self.answer(200, b"", ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
        elif path == "/large": self.answer(200, b"x" * 7000000)
        elif path == "/slow":
            with open("slow", "a") as slow: slow.write("x")
            time.sleep(60)
        elif path == "/hang-up": self.close_connection = True
        elif path == "/missing": self.answer(404, b"no such thing")
        elif path == "/leave":
            self.answer(200, b"bye")
            self.close_connection = True
        elif path == "/connection": self.answer(200, str(self.client_address[1]).encode())
        elif path == "/fail": self.answer(500, b"no tea")
        elif path == "/die":
            print("last words", file=sys.stderr, flush=True)
            os._exit(7)
        else: self.answer(200, body, ("Content-Type", self.headers.get("Content-Type", "none")))
    do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = do_GET
    def log_message(self, *words): pass

if os.path.exists("broken"):
    print("cannot start today", file=sys.stderr)
    sys.exit(3)
print("started", flush=True)
with open("starts", "a") as starts: starts.write("x")
while os.path.exists("wait"): time.sleep(0.01)
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
)";

Event web(const std::string& method, const std::string& path, const std::string& more) {
    Event event;
    event.payload = R"({"version":"2.0","rawPath":")" + path +
                    R"(","rawQueryString":"","requestContext":{"http":{"method":")" + method +
                    "\"}}" + more + "}";
    return event;
}

Site::Site(const std::string& program, Variables environment)
    : environment_(std::move(environment)) {
    root.file("server.py", program);
    environment_.insert({"FORKLIFT_COMMAND", "python3 server.py"});
    environment_.insert({"FORKLIFT_MODE", "http"});
    environment_.insert({"FORKLIFT_PORT", free_port()});
}

Request Site::post(const Event& event) {
    server.add(event);
    if (!bootstrap) begin();
    return server.next_post();
}

Json Site::answer(const Event& event) {
    const auto request = post(event);
    INFO(request.body());
    CHECK(request.path == response_path(event.id));
    return Json(request.body());
}

Json Site::error(const Event& event) {
    const auto request = post(event);
    INFO(request.body());
    CHECK(request.path == error_path(event.id));
    return Json(request.body());
}

}  // namespace forklift::test
