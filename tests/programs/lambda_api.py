"""The APIs of Lambda and S3, as far as examples/deploy/cli/deploy.sh calls them: lambda_api.py FOLDER

Listens on a port of 127.0.0.1 and writes it to FOLDER/port. Each call but GET is a line of
FOLDER/calls: {"method", "path", "body"}, a zip in the body being a file of FOLDER with its name in
its place, and as S3's. As in Lambda a new or changed function is not ready at once, and refuses to be
changed until somebody has looked often enough: as many times as FOLDER/looks says, or once.

FOLDER/refusals has a line for each refusal to come: {"call": "POST functions", "status", "error",
"message"}, where the call is a method and the last part of a path. FOLDER/broken says why no new or changed
function will ever work.
"""
import base64
import json
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

folder = sys.argv[1]
functions, layers, urls, statements = {}, {}, {}, {}
calls = 0


class Refused(Exception):
    def __init__(self, status, error, message):
        self.status, self.error, self.message = status, error, message


def told(name, otherwise):
    """What a test has written into a file of FOLDER."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return otherwise
    with open(path) as file:
        return file.read()


def refuse(call):
    """Raises the first refusal that is there for such a call, once."""
    lines = told("refusals", "").splitlines()
    for line in lines:
        refusal = json.loads(line)
        if refusal["call"] == call:
            lines.remove(line)
            with open(os.path.join(folder, "refusals"), "w") as file:
                file.write("".join(line + "\n" for line in lines))
            raise Refused(refusal["status"], refusal["error"], refusal["message"])


def save_zips(body, number):
    for holder in (body, body.get("Code", {}), body.get("Content", {})):
        if "ZipFile" in holder:
            name = f"{number}.zip"
            with open(os.path.join(folder, name), "wb") as file:
                file.write(base64.b64decode(holder["ZipFile"], validate=True))
            holder["ZipFile"] = name


def existing(name):
    if name not in functions:
        raise Refused(404, "ResourceNotFoundException", "Function not found: " + name)
    return functions[name]


def changeable(name):
    function = existing(name)
    if "InProgress" in (function["LastUpdateStatus"], function["State"]) or function["State"] == "Pending":
        raise Refused(409, "ResourceConflictException",
                      "The operation cannot be performed at this time. An update is in progress")
    function.update(LastUpdateStatus="InProgress", Looks=int(told("looks", "1")))
    return function


def create(body):
    if body["FunctionName"] in functions:
        raise Refused(409, "ResourceConflictException", "Function already exist")
    if body.get("PackageType", "Zip") == "Zip" and not (body.get("Handler") and body.get("Runtime")):
        raise Refused(400, "InvalidParameterValueException", "a zip needs Handler and Runtime")
    functions[body["FunctionName"]] = {"FunctionName": body["FunctionName"], "State": "Pending",
                                       "PackageType": body.get("PackageType", "Zip"),
                                       "LastUpdateStatus": "Successful", "Looks": int(told("looks", "1"))}
    return functions[body["FunctionName"]]


def look(name):
    function = existing(name)
    shown = dict(function)
    function["Looks"] -= 1
    broken = told("broken", "")
    if function["Looks"] <= 0 and broken and function["State"] == "Pending":
        function.update(State="Failed", StateReason=broken)
    elif function["Looks"] <= 0 and broken and function["LastUpdateStatus"] == "InProgress":
        function.update(LastUpdateStatus="Failed", LastUpdateStatusReason=broken)
    elif function["Looks"] <= 0 and not broken:
        function.update(State="Active", LastUpdateStatus="Successful", StateReason=None, LastUpdateStatusReason=None)
    return {"Configuration": shown}


def publish(name, body):
    versions = layers.setdefault(name, [])
    arn = f"arn:aws:lambda:eu-west-1:123456789012:layer:{name}"
    versions.insert(0, {"LayerVersionArn": f"{arn}:{len(versions) + 1}", "Version": len(versions) + 1,
                        "Description": body["Description"]})
    return versions[0]


def set_url(name, body, is_new):
    existing(name)
    if is_new == (name in urls):
        raise Refused(409, "ResourceConflictException", "there is an URL")
    urls[name] = {"FunctionUrl": f"https://{name}.lambda-url.test/", "AuthType": body["AuthType"]}
    return urls[name]


def permit(name, body):
    existing(name)
    if body["StatementId"] in statements:
        raise Refused(409, "ResourceConflictException", "The statement id exists")
    statements[body["StatementId"]] = body
    return {"Statement": json.dumps(body)}


def forbid(statement):
    if not statements.pop(statement, None):
        raise Refused(404, "ResourceNotFoundException", "there is no such statement")
    return {}


def get_url(name):
    if name not in urls:
        raise Refused(404, "ResourceNotFoundException", "there is no URL")
    return urls[name]


def answer(method, parts, body):
    """By method and the path's parts behind the API's version: what Lambda would answer."""
    match (method, *parts):
        case ("POST", "functions"): return 201, create(body)
        case ("GET", "functions", name): return 200, look(name)
        case ("PUT", "functions", name, "code"): return 200, changeable(name)
        case ("PUT", "functions", name, "configuration"): return 200, changeable(name)
        case ("GET", "functions", name, "url"): return 200, get_url(name)
        case ("POST", "functions", name, "url"): return 201, set_url(name, body, True)
        case ("PUT", "functions", name, "url"): return 200, set_url(name, body, False)
        case ("POST", "functions", name, "policy"): return 201, permit(name, body)
        case ("DELETE", "functions", name, "policy", statement): return 204, forbid(statement)
        case ("GET", "layers", name, "versions"): return 200, {"LayerVersions": layers.get(name, [])}
        case ("POST", "layers", name, "versions"): return 201, publish(name, body)
    raise Refused(400, "InvalidRequest", f"{method} {'/'.join(parts)} is not known here")


class Api(BaseHTTPRequestHandler):
    def is_lambda(self):
        """Lambda's paths begin with the version of its API; S3's with a bucket, which no test calls so."""
        return re.match(r"/20\d\d-\d\d-\d\d/", self.path)

    def rest(self, length):
        """The zip that S3 is sent, as Lambda's JSON would have it."""
        return base64.b64encode(self.rfile.read(length)).decode()

    def serve(self):
        global calls
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length) or b"{}") if self.is_lambda() else {"ZipFile": self.rest(length)}
        calls += 1
        save_zips(body, calls)
        if self.command != "GET":
            with open(os.path.join(folder, "calls"), "a") as file:
                print(json.dumps({"method": self.command, "path": self.path, "body": body}), file=file)
        headers = {}
        try:
            parts = self.path.split("?")[0].strip("/").split("/")
            refuse(f"{self.command} {parts[-1]}")
            status, sent = answer(self.command, parts[1:], body) if self.is_lambda() else (200, {})
        except Refused as refused:
            status, sent = refused.status, {"Type": "User", "Message": refused.message}
            headers["x-amzn-ErrorType"] = refused.error
        text = b"" if status == 204 else json.dumps(sent).encode() if self.is_lambda() else b""
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": len(text)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = serve

    def log_message(self, *words):
        pass


server = HTTPServer(("127.0.0.1", 0), Api)
with open(os.path.join(folder, "port.new"), "w") as file:
    file.write(str(server.server_port))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
server.serve_forever()
