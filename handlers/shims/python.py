"""Answers events with a Python function: python3 python.py FILE FUNCTION

Forklift starts this file for a handler such as `hello.handler`. It speaks docs/worker-protocol.md, in
the framing `framed`, and calls the function as Lambda's own Python runtime does, with the event and a
context. An `async def` function runs on one event loop, which is kept: a task that it leaves behind
goes on with the next event. Needs Python 3.9 or later, and nothing but its standard library.
"""

import os
import sys

# The function's file is loaded after this one, from folders with names of the standard library's modules
# in them, or so PYTHONPATH may have it. What is needed comes from the library itself, and at once: a
# module that is asked for later may be the function's.
shims = os.path.dirname(os.path.abspath(__file__))
library = os.path.dirname(os.__file__)
usual_path = [path for path in sys.path if path != shims]
foreign = [os.path.abspath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
library_path = [path for path in usual_path if path not in foreign or path.startswith(library)]
sys.path[:] = library_path

import time
# What importlib is made of, which Python has loaded: importlib itself takes a millisecond or more.
from _frozen_importlib import module_from_spec
from _frozen_importlib_external import PathFinder, spec_from_file_location
from itertools import groupby
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
        identity = decode_context(headers, "lambda-runtime-cognito-identity") or {}
        self.identity = SimpleNamespace(
            cognito_identity_id=identity.get("cognitoIdentityId"),
            cognito_identity_pool_id=identity.get("cognitoIdentityPoolId"),
        )
        sent = decode_context(headers, "lambda-runtime-client-context")
        if sent is not None:
            client = sent.get("client")
            client = client if isinstance(client, dict) else {}
            names = "installation_id app_title app_version_name app_version_code app_package_name"
            self.client_context = SimpleNamespace(
                client=SimpleNamespace(**{name: client.get(name) for name in names.split()}),
                custom=sent.get("custom"),
                env=sent.get("env"),
            )

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


def decode_context(headers, name):
    """The object in a header, or None. Any caller may have sent anything, which is no fault of the event."""
    text = headers.get(name)
    if not text:
        return None
    try:
        text.encode()  # fails where there were bytes that are no UTF-8
        value = decode(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    write_log(f"[WARN] {name} is not a JSON object, and the context goes without it\n")
    return None


def refuse_constant(name):
    raise ValueError(f"{name} is not a JSON value")


def encode_decimal(value):
    # Loaded where there is such a value, and under a name that nobody gives a file.
    decimal = sys.modules.get("_decimal") or sys.modules.get("_pydecimal")
    if not decimal or not isinstance(value, decimal.Decimal):
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
        name, _, value = line.decode(errors="surrogateescape").partition(":")
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


def write_log(text):
    try:
        os.write(2, text.encode(errors="backslashreplace"))
    except OSError:  # the function may have closed it
        pass


def send_failure(replies, error, head="", loading=None):
    """Logs an exception, and sends its error document. Both begin where the user's code does. `loading` is
    the module that it kept from being loaded."""
    if isinstance(error, Refusal):
        kind, message = error.args
        frames, log = [], ""
    else:
        kind, message = type(error).__name__, words_of(error)
        try:
            frames = format_frames(error)
            if isinstance(error, SyntaxError):
                frames.append(format_place(error))
            log = "".join(format_error(error, set()))
        except Exception:  # an exception's own attributes may hold anything
            frames, log = [], ""
    if loading and isinstance(error, ImportError):
        kind, message = "Runtime.ImportModuleError", f"Unable to import module '{loading}': {message}"
    elif loading and isinstance(error, SyntaxError):
        kind, message = "Runtime.UserCodeSyntaxError", f"Syntax error in module '{loading}': {message}"
    flush_stdout()
    write_log(f"[ERROR] {kind}: {message}\n{log}")
    kind_header = "".join(c if "!" <= c <= "~" else "?" for c in kind)
    document = {"errorType": kind, "errorMessage": message, "stackTrace": frames}
    send(replies, f"{head}Lambda-Runtime-Function-Error-Type: {kind_header}\r\n", encode(document))


# --- what Python prints of an exception. Its own module for that takes 3 ms, and loads others when it is
# used, in whose place the function's may be.


def words_of(error):
    try:
        return str(error)
    except Exception:
        return f"<unprintable {type(error).__name__} object>"


def format_frames(error):
    """The frames of an exception, from the first that is the user's."""
    not_theirs = (__file__, "<frozen importlib", os.path.join(library, "asyncio", ""))
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename.startswith(not_theirs):
        trace = trace.tb_next
    places = []
    while trace:
        code = trace.tb_frame.f_code
        places.append((code.co_filename, trace.tb_lineno or 0, code.co_name))
        trace = trace.tb_next
    frames, sources = [], {}
    for (file, number, name), same in groupby(places):
        if file not in sources:
            sources[file] = read_lines(file)
        line = "".join(sources[file][number - 1:number]).strip()
        frame = f'  File "{file}", line {number}, in {name}\n' + (line and f"    {line}\n")
        count = len(list(same))
        frames += [frame] * min(count, 3)
        if count > 3:
            frames.append(f"  [Previous line repeated {count - 3} more times]\n")
    return frames


def read_lines(file):
    try:
        with open(file, "rb") as source:
            return source.read().decode(errors="replace").split("\n")
    except (OSError, ValueError):
        return []


def format_place(error):
    """Where a SyntaxError is, which stands in the error and not in a frame."""
    text = f'  File "{error.filename}", line {error.lineno}\n'
    line = (error.text or "").rstrip()
    if line:
        text += f"    {line.lstrip()}\n"
        column = (error.offset or 0) - 1 - (len(line) - len(line.lstrip()))
        if 0 <= column:
            text += f"    {' ' * column}^\n"
    return text


def format_error(error, seen):
    """The lines of an exception, after those of what led to it. `seen` are the exceptions that are done."""
    chain = []
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        chain.append(error)
        context = None if error.__suppress_context__ else error.__context__
        error = context if error.__cause__ is None else error.__cause__
    lines = []
    for error in reversed(chain):
        if lines and error.__cause__ is not None:
            lines.append("\nThe above exception was the direct cause of the following exception:\n\n")
        elif lines:
            lines.append("\nDuring handling of the above exception, another exception occurred:\n\n")
        frames = format_frames(error)
        if frames:
            lines += ["Traceback (most recent call last):\n", *frames]
        lines += format_last_lines(error, seen)
    return lines


def format_last_lines(error, seen):
    kind, message = type(error).__qualname__, words_of(error)
    if type(error).__module__ not in ("builtins", "__main__"):
        kind = f"{type(error).__module__}.{kind}"
    lines = []
    if isinstance(error, SyntaxError) and error.filename:
        lines.append(format_place(error))
        message = error.msg
    lines.append(f"{kind}: {message}\n" if message else f"{kind}\n")
    lines += [f"{note}\n" for note in getattr(error, "__notes__", None) or ()]
    if hasattr(error, "exceptions") and hasattr(error, "derive"):  # a group, which Python 3.9 lacks
        for number, part in enumerate(error.exceptions, 1):
            lines.append(f"  | {number}:\n")
            part_lines = "".join(format_error(part, seen)).splitlines(True)
            lines += [f"  | {line}" for line in part_lines]
    return lines


# --- the function


def import_from_library(name):
    """A package of the standard library, though its name, or those that it needs, be the function's."""

    class LibraryFirst:
        @staticmethod
        def find_spec(name, path=None, target=None):
            return None if path else PathFinder.find_spec(name, library_path)

    def is_in_the_way(name, module):
        file = getattr(module, "__file__", None)
        if not file or file.startswith(library):
            return False
        return LibraryFirst.find_spec(name.partition(".")[0]) is not None

    in_the_way = {key: module for key, module in list(sys.modules.items()) if is_in_the_way(key, module)}
    for key in in_the_way:
        del sys.modules[key]
    sys.meta_path.insert(0, LibraryFirst)
    try:
        return __import__(name)
    finally:
        sys.meta_path.remove(LibraryFirst)
        for key, module in in_the_way.items():
            # The package finds its own parts by its name for as long as it runs.
            if key.partition(".")[0] != name:
                sys.modules[key] = module


def name_module(file, root):
    """The module's name as in Lambda, where app/hello.py is app.hello, and the folder that it begins in."""
    if os.path.relpath(file, root).startswith(".."):
        root = os.path.dirname(file)
        while is_package(root):
            root = os.path.dirname(root)
    parts = os.path.splitext(os.path.relpath(file, root))[0].split("/")
    if parts[-1] == "__init__" and len(parts) > 1:
        del parts[-1]
    return ".".join(parts), root


def is_package(folder):
    return os.path.isfile(os.path.join(folder, "__init__.py"))


def set_path(file, *roots):
    folder = os.path.dirname(file)
    layer = f"/opt/python/lib/python3.{sys.version_info.minor}/site-packages"
    layers = [path for path in (layer, "/opt/python") if os.path.isdir(path)]
    # What lies in a package has names that are not meant for all, such as logging.py.
    path = [*roots, *layers, *usual_path]
    sys.path[:] = dict.fromkeys([*path, folder] if is_package(folder) else [folder, *path])


def import_packages(name, folder):
    """Imports the packages around a module as Python does before it. Returns the innermost; None when Python
    takes another for a package of that name, or nothing."""
    outer = None
    for part in name.split(".")[:-1]:
        folder = os.path.join(folder, part)
        package_name = f"{outer.__name__}.{part}" if outer else part
        package = sys.modules.get(package_name)
        if package is None:
            spec = PathFinder.find_spec(package_name, outer and outer.__path__)
            if spec is None or folder not in (spec.submodule_search_locations or ()):
                return None
            package = import_spec(spec, outer)
        elif folder not in getattr(package, "__path__", ()):
            return None
        outer = package
    return outer


def import_spec(spec, package):
    """Runs a module in its place: among the modules, and in its package."""
    module = module_from_spec(spec)
    sys.modules.setdefault(spec.name, module)  # never in the place of a module that Python itself uses
    if spec.loader:
        spec.loader.exec_module(module)
    if package:
        setattr(package, spec.name.rpartition(".")[2], module)
    return module


def load(file, function, name, folder):
    """Runs the file as the module of that name, and finds the function in it."""
    sys.argv[:] = [file]
    package = import_packages(name, folder)
    module = sys.modules.get(name)
    # A package may import its modules itself.
    if not package or not module or not os.path.samefile(getattr(module, "__file__", None) or "/", file):
        module = import_spec(spec_from_file_location(name, file), package)
    logging = sys.modules.get("logging")
    if (getattr(logging, "__file__", None) or "").startswith(library):
        # Lambda logs by default; this does nothing where the file has said how it wants to log.
        logging.basicConfig(format="[%(levelname)s] %(message)s")
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
    global loop
    if loop is None:
        asyncio = import_from_library("asyncio")
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
    file, function = sys.argv[1:]
    root = os.path.abspath(os.environ.get("LAMBDA_TASK_ROOT") or os.path.dirname(file))
    name, folder = name_module(file, root)
    set_path(file, folder, root)
    try:
        function = load(file, function, name, folder)
    except (Exception, SystemExit) as error:
        send_failure(replies, error, loading=name)
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
