// Answers events with a JavaScript function: node node.mjs FILE FUNCTION
//
// Forklift starts this file for a handler such as `hello.handler`. It speaks docs/worker-protocol.md,
// in the framing `framed`, and calls the function as Lambda's own Node.js runtime does: async or not,
// with a callback, or wrapped in awslambda.streamifyResponse. Needs Node.js 18 or later.
//
// An unhandled rejection or an uncaught exception fails the event that is open and then ends the
// process, here with status 1, because nobody knows what it leaves behind. So does Lambda's runtime.

// Imported even where they are global, because the function may put others into the globals.
import { Buffer } from "node:buffer";
import { closeSync, existsSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { setImmediate } from "node:timers";
import { pathToFileURL } from "node:url";

const { env } = process;
const streaming = Symbol.for("aws.lambda.runtime.handler.streaming");
const beginWith = Symbol("says what goes before the first byte of a stream");
const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

/** A failure that the function has no part in. */
class Refusal extends Error {
  constructor(name, message) {
    super(message);
    Object.defineProperty(this, "name", { value: name });
    this.stack = "";
  }
}

// --- the protocol's pipes

// Opened anew, close-on-exec, because Node has no dup. Then /dev/null becomes fd 0, and the log both
// fd 1 and fd 2, for the function and all that it starts: an open takes the lowest number free.
const requests = openSync("/proc/self/fd/0", "r");
const replies = openSync("/proc/self/fd/1", "w");
closeSync(0);
openSync("/dev/null", "r");
closeSync(1);
openSync("/proc/self/fd/2", "a");
closeSync(2);
openSync("/proc/self/fd/1", "a");

// Blocking writes keep the log in order and before the reply. Otherwise Node would hold back what a
// full pipe does not take until the loop turns.
for (const name of ["stdout", "stderr"]) {
  const { get } = Object.getOwnPropertyDescriptor(process, name);
  let stream;
  const open = () => {
    stream = get.call(process);
    stream._handle?.setBlocking?.(true);
    stream.unref?.();
    return stream;
  };
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get: () => stream ?? open(),
    set: (other) => (stream = other),
  });
}

const buffer = Buffer.allocUnsafe(65536);
let filled = 0;
let socket;
let bytesHaveCome;
let hasEnded = false;

/**
 * Waits for the first bytes of a request in the loop, where what the function has left behind goes on
 * between events. To block instead would be faster by no more than a few microseconds.
 */
async function waitForBytes() {
  if (hasEnded) return 0;
  // An open file of its own, because Node makes it non-blocking: the rest is read from `requests`.
  socket ??= new Socket({
    fd: openSync(`/proc/self/fd/${requests}`, "r"),
    readable: true,
    writable: false,
    onread: { buffer, callback: (count) => bytesHaveCome(count) },
  }).on("end", () => {
    hasEnded = true; // perhaps while an event is open
    bytesHaveCome(0);
  });
  socket.ref();
  const count = await new Promise((resolve) => (bytesHaveCome = resolve));
  socket.unref(); // so that Node can tell when the function has nothing left to run
  return count;
}

function readMore(bytes, offset) {
  const count = readSync(requests, bytes, offset, bytes.length - offset, null);
  if (count > 0) return count;
  log("forklift: stdin ended in the middle of a request\n");
  process.exit(1);
}

/**
 * The next request's headers, by lower-case name, and its body; undefined when there are no more. A header
 * that is not UTF-8 is undefined.
 */
async function readRequest() {
  if (filled === 0) filled = await waitForBytes();
  if (filled === 0) return undefined;
  let blank;
  while (!(blank = /\r?\n\r?\n/.exec(buffer.latin1Slice(0, filled)))) {
    filled += readMore(buffer, filled);
  }
  const headers = new Map();
  for (const line of buffer.latin1Slice(0, blank.index).split("\n")) {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t\r]+$/g, "");
    const isAscii = !/[^\0-\x7f]/.test(value);
    headers.set(line.slice(0, colon).toLowerCase(), isAscii ? value : decode(Buffer.from(value, "latin1")));
  }
  const begin = blank.index + blank[0].length;
  const length = Number(headers.get("content-length"));
  if (begin + length <= buffer.length) {
    while (filled < begin + length) filled += readMore(buffer, filled);
    const text = decode(buffer, begin, begin + length);
    buffer.copyWithin(0, begin + length, filled);
    filled -= begin + length;
    return { headers, text };
  }
  const body = Buffer.allocUnsafe(length);
  let have = buffer.copy(body, 0, begin, filled);
  while (have < length) have += readMore(body, have);
  filled = 0;
  return { headers, text: decode(body, 0, length) };
}

/** The text of the bytes; undefined when they are not UTF-8. */
function decode(bytes, begin = 0, end = bytes.length) {
  const text = bytes.toString("utf8", begin, end);
  const isSuspicious = text.includes("\uFFFD"); // what a wrong byte turns into
  return isSuspicious && !Buffer.from(text).equals(bytes.subarray(begin, end)) ? undefined : text;
}

function write(message) {
  let bytes = Buffer.from(message);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(replies, bytes));
  } catch {
    process.exit(1); // nobody is left to be told
  }
}

function send(head, body = "") {
  write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

// --- failures

function log(text) {
  try {
    writeSync(2, text);
  } catch {} // the function may have closed it
}

/** The lines of a stack that are the function's. */
function framesOf(stack) {
  const isOurs = (line) => line.includes(import.meta.url) || /[( ]node:internal\//.test(line);
  return String(stack).split("\n").filter((line) => /^ +at /.test(line) && !isOurs(line));
}

/** Logs what was thrown, and gives its error document and the header that names its type. */
function describe(thrown) {
  const isError = Object.prototype.toString.call(thrown) === "[object Error]" || thrown instanceof Error;
  let errorType = typeof thrown;
  let errorMessage;
  let frames = [];
  try {
    errorMessage = String(isError ? thrown.message : thrown);
    if (isError) {
      // A class that extends Error inherits a name that is not its own.
      const isNamed = [thrown, Object.getPrototypeOf(thrown)].some((one) => Object.hasOwn(one, "name"));
      errorType = String((isNamed ? thrown.name : thrown.constructor.name) || "Error");
      frames = framesOf(thrown.stack);
    }
  } catch {
    errorMessage ??= "what was thrown cannot be read";
  }
  // What V8 says of text that is no JSON quotes it, and events do not belong in the log.
  const logged = errorType === "Runtime.UnmarshalError" ? "the event is not JSON" : errorMessage;
  log(`${[`[ERROR] ${errorType}: ${logged}`, ...frames].join("\n")}\n`);
  return {
    head: `Lambda-Runtime-Function-Error-Type: ${errorType.replace(/[^!-~]/g, "?")}\r\n`,
    document: { errorType, errorMessage, stackTrace: frames.map((line) => line.trim()) },
  };
}

function sendFailure(thrown, head = "") {
  const failure = describe(thrown);
  send(head + failure.head, JSON.stringify(failure.document));
}

/** What Node.js says of the first file that does not compile: this module, or one that it imports by its path. */
async function checkSyntax(file) {
  const { spawnSync } = await import("node:child_process");
  const files = new Set([file]);
  for (const one of files) {
    const { stderr } = spawnSync(process.execPath, ["--check", one], { encoding: "utf8" });
    if (/^SyntaxError/m.test(stderr)) return stderr;
    const imports = readFileSync(one, "utf8").matchAll(/\b(?:from|import)\s*(["'])(\.\.?\/.+?)\1/g);
    for (const [, , path] of imports) {
      const next = join(dirname(one), path);
      if (files.size < 20 && existsSync(next)) files.add(next);
    }
  }
  return "";
}

/** An error of loading, by the name that Lambda's runtime gives it and with its place; any other as it is. */
async function nameLoadError(error, file) {
  if (/MODULE_NOT_FOUND$/.test(error?.code)) {
    const missing = new Refusal("Runtime.ImportModuleError", `${error.name}: ${error.message}`);
    return Object.assign(missing, { stack: error.stack });
  }
  if (!(error instanceof SyntaxError)) return error;
  const wrong = new Refusal("Runtime.UserCodeSyntaxError", `${error.name}: ${error.message}`);
  wrong.stack = error.stack;
  let text = String(error.stack);
  if (/^SyntaxError/.test(text) && framesOf(text).length === 0) text = await checkSyntax(file);
  const place = /^(?:file:\/\/)?(\/.*):(\d+)\n/.exec(text);
  if (!place) return wrong;
  wrong.message += ` (${basename(place[1])}, line ${place[2]})`;
  wrong.stack = `    at ${place[1]}:${place[2]}`;
  return wrong;
}

// --- the function

globalThis.awslambda = {
  streamifyResponse(handler) {
    handler[streaming] = "response";
    return handler;
  },
  HttpResponseStream: {
    from(stream, metadata) {
      const text = JSON.stringify(metadata);
      if (!text?.startsWith("{")) throw new TypeError("the metadata of an HTTP response is not an object");
      if (!stream?.[beginWith]) throw new TypeError("this is not the stream that the function was given");
      stream[beginWith](text);
      return stream;
    },
  },
};

async function load(file, name) {
  process.argv.splice(1, Infinity, file);
  const module = await import(pathToFileURL(file));
  const find = (from) => name.split(".").reduce((value, part) => value?.[part], from);
  const found = find(module) ?? find(module.default);
  if (typeof found === "function") return found;
  const exported = { ...module.default, ...module };
  const names = Object.keys(exported).filter((key) => typeof exported[key] === "function");
  const problem = found === undefined ? `no function ${name}` : `${name}, but not as a function`;
  const list = names.join(", ") || "none";
  throw new Refusal("Runtime.HandlerNotFound", `${file} exports ${problem}; its functions: ${list}`);
}

/** The object in a header, or undefined. Any caller may have sent anything, which is no fault of the event. */
function parseContext(headers, name) {
  if (!headers.has(name) || headers.get(name) === "") return undefined;
  try {
    const value = JSON.parse(headers.get(name));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {}
  log(`[WARN] ${name} is not a JSON object, and the context goes without it\n`);
  return undefined;
}

function makeContext(headers) {
  const deadline = Number(headers.get("lambda-runtime-deadline-ms") ?? 0);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers.get("lambda-runtime-aws-request-id"),
    invokedFunctionArn: headers.get("lambda-runtime-invoked-function-arn"),
    tenantId: headers.get("lambda-runtime-aws-tenant-id"),
    identity: parseContext(headers, "lambda-runtime-cognito-identity"),
    clientContext: parseContext(headers, "lambda-runtime-client-context"),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function parse(text) {
  if (text === undefined) throw new Refusal("Runtime.UnmarshalError", "the event is not UTF-8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal("Runtime.UnmarshalError", `the event is not JSON: ${error.message}`);
  }
}

const isLost = (value) => typeof value === "number" && !Number.isFinite(value);

/** Whether a value holds a number that JSON has no word for. Quick, because `null` in an answer is ordinary. */
function hasLost(value) {
  if (typeof value !== "object" || value === null) return isLost(value);
  if (typeof value.toJSON === "function") return false;
  if (Array.isArray(value)) return value.some(hasLost);
  for (const key in value) if (hasLost(value[key])) return true;
  return isLost(value.valueOf?.());
}

/** What these numbers are and where, the first few. */
function findLost(value, path = "", found = []) {
  const number = value instanceof Number ? Number(value) : value;
  if (isLost(number)) found.push(`${number} at ${path || "its top"}`);
  else if (typeof value === "object" && value !== null && typeof value.toJSON !== "function") {
    for (const key of Object.keys(value)) if (found.length < 3) findLost(value[key], `${path}/${key}`, found);
  }
  return found;
}

/** Says what JSON.stringify has made null of, as it does in Lambda's own runtime. */
function warnOfLost(result) {
  let lost = [];
  try {
    if (hasLost(result)) lost = findLost(result);
  } catch {} // a getter of the function's, or too deep
  if (lost.length > 0) log(`[WARN] the result holds ${lost.join(", ")}, which JSON cannot: null is written\n`);
}

function stringify(result) {
  let problem = `it is a ${typeof result}`;
  try {
    const text = JSON.stringify(result ?? null);
    if (text?.includes("null")) warnOfLost(result);
    if (text !== undefined) return text;
  } catch (error) {
    problem = error.message;
  }
  throw new Refusal("Runtime.MarshalError", `the result cannot be written as JSON: ${problem}`);
}

/** The event that is being answered: how to fail it, and what to do when nothing is left to run. */
let open;

/** Calls the function in any of its forms. */
async function call(handler, event, context) {
  let resolve, reject;
  const answered = new Promise((...both) => ([resolve, reject] = both));
  let isCalledBack = false;
  const callback = (error, result) => {
    if (isCalledBack) return;
    isCalledBack = true;
    if (error !== undefined && error !== null) reject(error);
    else if (context.callbackWaitsForEmptyEventLoop) open.whenIdle = () => resolve(result);
    else resolve(result);
  };
  open.whenIdle = () => resolve(null);
  const result = handler(event, context, callback);
  if (typeof result?.then === "function") {
    if (!isCalledBack) open.whenIdle = () => reject(neverSettled("settling its promise"));
    result.then(resolve, reject);
  } else if (result !== undefined || handler.length === 1 || handler.length === 2) {
    resolve(result); // one without parameters may still find the callback in its `arguments`
  }
  return answered;
}

const neverSettled = (what) =>
  new Refusal("Runtime.NodeJsExit", `the function ended without ${what}: nothing is left to run`);

/** Calls a function that writes its answer to a stream, and sends the answer as a chunked reply. */
async function stream(handler, event, context, head) {
  const { Writable } = await import("node:stream");
  let type = "application/octet-stream";
  let prelude;
  let isBegun = false;
  const writeChunk = (bytes) => {
    if (!isBegun) {
      isBegun = true;
      write(`${head}Content-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`);
      if (prelude) writeChunk(prelude);
    }
    if (bytes.length === 0) return; // an empty chunk would be the last
    write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]));
  };
  const self = open;
  const responseStream = new Writable({
    write(bytes, _encoding, done) {
      if (open === self) writeChunk(bytes); // and nothing once the reply is complete
      done();
    },
  });
  const refuse = (message) => {
    throw Object.assign(new Error(message), { name: "Runtime.InvalidStreamingOperation" });
  };
  responseStream.setContentType = (value) => {
    if (isBegun) refuse("Cannot set content-type, too late.");
    if (prelude) refuse("the content type of an HTTP response stands in the headers of its metadata");
    type = String(value).replace(/[\r\n]/g, " ");
  };
  responseStream[beginWith] = (metadata) => {
    if (isBegun) refuse("the metadata of an HTTP response must come before its first byte");
    type = "application/vnd.awslambda.http-integration-response";
    prelude = Buffer.from(`${metadata}${"\0".repeat(8)}`);
  };
  open.fail = (thrown) => {
    if (!isBegun) return sendFailure(thrown, head);
    const failure = describe(thrown);
    const whole = JSON.stringify(failure.document);
    const { errorType, errorMessage } = failure.document;
    const short = JSON.stringify({ errorType, errorMessage: errorMessage.slice(0, 4096) });
    // Trailers together have at most 64 KiB.
    const body = Buffer.from(whole.length < 12000 ? whole : short).toString("base64");
    write(`0\r\n${failure.head}Lambda-Runtime-Function-Error-Body: ${body}\r\n\r\n`);
  };
  const ended = new Promise((resolve, reject) => {
    open.whenIdle = () => reject(neverSettled("ending its response stream"));
    responseStream.on("finish", resolve).on("error", reject);
  });
  const returned = handler(event, responseStream, context);
  await new Promise((resolve, reject) => {
    ended.catch(reject);
    Promise.resolve(returned).then(() => ended).then(resolve, reject);
  });
  return () => {
    writeChunk(Buffer.alloc(0));
    write("0\r\n\r\n");
  };
}

// --- the loop

function die(thrown) {
  if (open) open.fail(thrown);
  else describe(thrown);
  process.exit(1);
}

process.on("uncaughtException", die);
process.on("unhandledRejection", (reason) => {
  const error = new Refusal("Runtime.UnhandledPromiseRejection", String(reason));
  error.stack = reason?.stack;
  die(error);
});
process.on("beforeExit", () => setImmediate(() => open?.whenIdle()));

async function serve() {
  const [file, name] = process.argv.slice(2);
  let handler;
  try {
    handler = await load(file, name);
  } catch (error) {
    sendFailure(await nameLoadError(error, file));
    process.exit(1);
  }
  send("Forklift-Worker-Protocol: 1\r\n");
  for (;;) {
    const request = await readRequest();
    if (!request) process.exit(0);
    const { headers, text } = request;
    const head = `Lambda-Runtime-Aws-Request-Id: ${headers.get("lambda-runtime-aws-request-id")}\r\n`;
    const traceId = headers.get("lambda-runtime-trace-id");
    if (traceId) env._X_AMZN_TRACE_ID = traceId;
    else delete env._X_AMZN_TRACE_ID;
    open = { fail: (thrown) => sendFailure(thrown, head), whenIdle() {} };
    try {
      const event = parse(text);
      const context = makeContext(headers);
      let finish;
      if (handler[streaming]) {
        finish = await stream(handler, event, context, head);
      } else {
        const body = stringify(await call(handler, event, context));
        finish = () => send(head, body);
      }
      await turnOfTheLoop(); // only now is a rejection known to be unhandled
      finish();
    } catch (error) {
      open.fail(error);
    }
    open = undefined;
  }
}

serve();
