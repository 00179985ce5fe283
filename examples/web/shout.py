"""Answers every POST with its body in capitals, and logs the id of the invocation."""
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Shout(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).upper()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        print(self.headers["Lambda-Runtime-Aws-Request-Id"], self.command, self.path, flush=True)


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Shout).serve_forever()
