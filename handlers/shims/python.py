"""Answers events with a Python function: python3 python.py FILE FUNCTION

Forklift starts this file for a handler such as `hello.handler`. It speaks docs/worker-protocol.md, in
the framing `framed`, and calls the function as Lambda's own Python runtime does, with the event and a
context. An `async def` function runs on one event loop, which is kept: a task that it leaves behind
goes on with the next event. Needs Python 3.9 or later, and nothing but its standard library.
"""

import importlib.util
import os
import sys
import time
from contextlib import suppress
from json import JSONDecoder, JSONEncoder
from types import SimpleNamespace


class Refusal(Exception):
    """A failure that the function has no part in: its error type and its message."""


class Context:
    """What Lambda says about one event."""

    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
    memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
    log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
    client_context = None

    def __init__(self, headers):
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self._deadline = int(headers.get("lambda-runtime-deadline-ms") or 0)
        identity = headers.get("lambda-runtime-cognito-identity")
        identity = decode(identity) if identity else {}
        self.identity = SimpleNamespace(
            cognito_identity_id=identity.get("cognitoIdentityId"),
            cognito_identity_pool_id=identity.get("cognitoIdentityPoolId"),
        )
        sent = headers.get("lambda-runtime-client-context")
        if sent:
            sent = decode(sent)
            client = sent.get("client") or {}
            names = "installation_id app_title app_version_name app_version_code app_package_name"
            self.client_context = SimpleNamespace(
                client=SimpleNamespace(**{name: client.get(name) for name in names.split()}),
                custom=sent.get("custom"),
                env=sent.get("env"),
            )

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


def refuse_constant(name):
    raise ValueError(f"{name} is not a JSON value")


def encode_decimal(value):
    from decimal import Decimal  # loaded already where there is such a value

    if not isinstance(value, Decimal):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    is_whole = value.is_finite() and value == value.to_integral_value()
    return int(value) if is_whole else float(value)


decode = JSONDecoder(parse_constant=refuse_constant).decode
json_options = {"allow_nan": False, "separators": (",", ":"), "default": encode_decimal}
encode_unicode = JSONEncoder(ensure_ascii=False, **json_options).encode
encode_ascii = JSONEncoder(**json_options).encode


def encode(value):
    try:
        return encode_unicode(value).encode()
    except UnicodeEncodeError:  # half of a surrogate pair has no UTF-8, but it has an escape
        return encode_ascii(value).encode()


def take_pipes():
    """The protocol's pipes, moved to where neither the function nor its children reach them."""
    requests = open(os.dup(0), "rb", buffering=65536)
    replies = open(os.dup(1), "wb", buffering=65536)
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)

    # Numbers only: Python 3.9 crashes at its end when an at-fork function holds a file.
    taken = requests.fileno(), replies.fileno()

    def let_go():
        # A forked child may outlive this process, and may even come back out of the function.
        for fd in taken:
            os.dup2(null, fd, inheritable=False)

    os.register_at_fork(after_in_child=let_go)
    return requests, replies


def read_request(requests):
    """The next request's headers, by lower-case name, and its body; None when there are no more."""
    headers = {}
    line = requests.readline()
    if not line:
        return None
    while line not in (b"\r\n", b"\n"):
        if not line:
            sys.exit("forklift: stdin ended in the middle of a request's headers")
        name, _, value = line.decode(errors="replace").partition(":")
        headers[name.lower()] = value.strip()
        line = requests.readline()
    length = int(headers["content-length"])
    body = requests.read(length)
    if len(body) < length:
        sys.exit(f"forklift: stdin ended after {len(body)} of the {length} bytes of a request's body")
    return headers, body


def send(replies, head, body=b""):
    flush_stdout()  # what the function has printed stands in the log before its answer
    try:
        replies.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
        replies.write(body)
        replies.flush()
    except BrokenPipeError:  # nobody is left to be told
        os._exit(1)


def flush_stdout():
    try:
        sys.stdout.flush()
    except Exception:  # the function may have closed it, or put anything in its place
        pass


def send_failure(replies, error, head=""):
    """Logs an exception, and sends its error document. Both begin where the user's code does."""
    import traceback  # takes 3 ms of the start, and only an error needs it

    if isinstance(error, Refusal):
        kind, message = error.args
        frames, log = [], ""
    else:
        kind, message = type(error).__name__, str(error)
        others = [send_failure.__code__.co_filename, "<frozen importlib"]
        if "asyncio" in sys.modules:
            others.append(os.path.dirname(sys.modules["asyncio"].__file__))
        trace = error.__traceback__
        while trace and trace.tb_frame.f_code.co_filename.startswith(tuple(others)):
            trace = trace.tb_next
        frames = traceback.format_list(traceback.extract_tb(trace))
        if isinstance(error, SyntaxError):  # the place is in the error, and not in a frame
            frames.append("".join(traceback.format_exception_only(type(error), error)[:-1]))
        log = "".join(traceback.format_exception(type(error), error, trace))
    flush_stdout()
    with suppress(OSError):
        os.write(2, f"[ERROR] {kind}: {message}\n{log}".encode(errors="backslashreplace"))
    kind_header = "".join(c if "!" <= c <= "~" else "?" for c in kind)
    document = {"errorType": kind, "errorMessage": message, "stackTrace": frames}
    send(replies, f"{head}Lambda-Runtime-Function-Error-Type: {kind_header}\r\n", encode(document))


def load(file, function):
    """Runs the file as a module, and finds the function in it."""
    root = os.environ.get("LAMBDA_TASK_ROOT") or os.path.dirname(file)
    layer = f"/opt/python/lib/python3.{sys.version_info.minor}/site-packages"
    layers = [path for path in (layer, "/opt/python") if os.path.isdir(path)]
    shims = os.path.dirname(os.path.abspath(__file__))
    others = [path for path in sys.path if path != shims]
    sys.path[:] = dict.fromkeys([os.path.dirname(file), root, *layers, *others])
    sys.argv[:] = [file]
    # As in Lambda, the module of app/hello.py is app.hello, so that it may import relatively.
    name = os.path.splitext(os.path.relpath(file, root))[0].replace("/", ".")
    if name.startswith("."):  # not below the root
        name = os.path.splitext(os.path.basename(file))[0]
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(name, module)  # never in the place of a module that Python itself uses
    spec.loader.exec_module(module)
    if "logging" in sys.modules:
        # Lambda logs by default; this does nothing where the file has said how it wants to log.
        sys.modules["logging"].basicConfig(format="[%(levelname)s] %(message)s")
    found = module
    for part in function.split("."):
        found = getattr(found, part, None)
    if callable(found):
        return found
    if found is None:
        own = [key for key, value in vars(module).items()
               if hasattr(value, "__code__") and value.__module__ == name]
        problem = f"{file} has no function {function}; it has {', '.join(own) or 'none'}"
    else:
        problem = f"{function} in {file} is not a function, but of type {type(found).__name__}"
    raise Refusal("Runtime.HandlerNotFound", problem)


loop = None


def run(coroutine):
    import asyncio  # the function's module has it already

    global loop
    if loop is None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
    return loop.run_until_complete(coroutine)


def answer(function, headers, body):
    """The reply's body."""
    try:
        event = decode(body.decode())
    except (ValueError, RecursionError) as error:
        raise Refusal("Runtime.UnmarshalError", f"the event is not JSON: {error}") from None
    result = function(event, Context(headers))
    if hasattr(result, "__await__"):
        result = run(result)
    if isinstance(result, bytes):
        return result
    try:
        return encode(result)
    except Exception as error:
        raise Refusal("Runtime.MarshalError", f"the result is not JSON: {error}") from None


def main():
    requests, replies = take_pipes()
    try:
        function = load(*sys.argv[1:])
    except (Exception, SystemExit) as error:
        send_failure(replies, error)
        sys.exit(1)
    send(replies, "Forklift-Worker-Protocol: 1\r\n")
    while request := read_request(requests):
        headers, body = request
        trace = headers.get("lambda-runtime-trace-id")
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        head = f"Lambda-Runtime-Aws-Request-Id: {headers['lambda-runtime-aws-request-id']}\r\n"
        try:
            reply = answer(function, headers, body)
        except Exception as error:
            send_failure(replies, error, head)
        else:
            send(replies, head, reply)


if __name__ == "__main__":
    main()
