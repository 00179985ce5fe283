-- Calls a Lua function for every event: `lua.lua FILE FUNCTION` loads FILE once and is a worker in the
-- framing framed/1 of docs/worker-protocol.md. Runs on Lua 5.1, 5.3, 5.4 and LuaJIT.
--
-- Requests come in on stdin and replies go out on stdout. LuaJIT moves both out of the way before it loads
-- FILE. Stock Lua can neither duplicate nor close a descriptor, so there a shell does it first:
--
--     sh -c 'exec "$0" "$@" 3<&0 4>&1 </dev/null >&2' lua5.4 lua.lua FILE FUNCTION
--
-- From then on requests come in on descriptor 3 and replies go out on 4. Descriptors 0 to 2 are the
-- function's, and what it or a C library prints is log. Processes that it starts do not get 3 and 4.
--
-- JSON is dkjson's work, or else cjson's; with dkjson, null (dkjson.null), empty arrays and empty objects,
-- integers and every digit of a number survive.

local file, function_name = arg[1], arg[2]
local folder, file_name = file:match("^(.*/)(.-)$")
if not folder then folder, file_name = "./", file end
local this_file = debug.getinfo(1, "S").short_src

-- All that is needed later, because the function may have globals of these names, or put others into the
-- libraries.
local getenv, execute, popen, exit, time, setlocale = os.getenv, os.execute, io.popen, os.exit, os.time, os.setlocale
local open, stdout, stderr, utf8_length = io.open, io.stdout, io.stderr, utf8 and utf8.len
local byte, find, format, gmatch, gsub = string.byte, string.find, string.format, string.gmatch, string.gsub
local lower, match, sub = string.lower, string.match, string.sub
local error, pcall, xpcall, traceback, require = error, pcall, xpcall, debug.traceback, require
local getmetatable, ipairs, pairs, tonumber, tostring, type = getmetatable, ipairs, pairs, tonumber, tostring, type
local floor, huge, max, math_type = math.floor, math.huge, math.max, math.type
local concat, sort, package, _G = table.concat, table.sort, package, _G

-- What only C can do, where there is C. Elsewhere `require` might find a file ffi.lua of the function's.
local has_ffi = jit ~= nil and package.preload.ffi ~= nil
local ffi = has_ffi and require "ffi"
local C = has_ffi and ffi.C
if has_ffi then
    -- Names of its own, so that the function may declare the real ones as it likes.
    ffi.cdef [[
        int forklift_setenv(const char *, const char *, int) __asm__("setenv");
        int forklift_unsetenv(const char *) __asm__("unsetenv");
        int forklift_clock_gettime(int, long *) __asm__("clock_gettime");
        int forklift_dup2(int, int) __asm__("dup2");
        int forklift_pipe(int *) __asm__("pipe");
        int forklift_close(int) __asm__("close");
        int forklift_fcntl(int, int, int) __asm__("fcntl");
        void *forklift_fdopen(int, const char *) __asm__("fdopen");
        long forklift_getline(char **, size_t *, void *) __asm__("getline");
        size_t forklift_fread(void *, size_t, size_t, void *) __asm__("fread");
        long forklift_write(int, const void *, size_t) __asm__("write");
    ]]
end

-- The two pipes, as far as they are used: requests:read("*l"), requests:read(COUNT), replies:write(TEXT).
local requests, replies

local function open_pipes()
    requests, replies = open("/dev/fd/3", "rb"), open("/dev/fd/4", "ab")
    if not (requests and replies) then
        stderr:write(this_file,
            ": there are no pipes on descriptors 3 and 4; the top of this file shows how to start it\n")
        exit(1)
    end
    requests:setvbuf("full", 65536)
    replies:setvbuf("no")
end

-- Nothing here needs /dev, which an empty root has not: the function's stdin is a pipe that has ended.
local function put_pipes_aside()
    C.forklift_dup2(0, 3)
    C.forklift_dup2(1, 4)
    local ended = ffi.new("int[2]")
    if C.forklift_pipe(ended) == 0 then
        C.forklift_dup2(ended[0], 0)
        C.forklift_close(ended[0])
        C.forklift_close(ended[1])
    end
    C.forklift_dup2(2, 1)
end

local function open_pipes_by_ffi()
    local stream = C.forklift_fdopen(3, "rb")
    -- A shell may have been there, as for stock Lua.
    if stream == nil then
        put_pipes_aside()
        stream = C.forklift_fdopen(3, "rb")
    end
    local F_SETFD, FD_CLOEXEC = 2, 1
    C.forklift_fcntl(3, F_SETFD, FD_CLOEXEC)
    C.forklift_fcntl(4, F_SETFD, FD_CLOEXEC)

    local line, size = ffi.new("char *[1]"), ffi.new("size_t[1]")
    requests = {}
    function requests:read(what)
        if what == "*l" then
            local length = tonumber(C.forklift_getline(line, size, stream))
            return length >= 0 and gsub(ffi.string(line[0], length), "\n$", "") or nil
        end
        local bytes = ffi.new("char[?]", what)
        return ffi.string(bytes, C.forklift_fread(bytes, 1, what, stream))
    end

    replies = {}
    function replies:write(text)
        local at, left = ffi.cast("const char *", text), #text
        while left > 0 do
            local written = tonumber(C.forklift_write(4, at, left))
            if written > 0 then
                at, left = at + written, left - written
            elseif ffi.errno() ~= 4 then -- EINTR
                return nil
            end
        end
        return self
    end
end

if has_ffi then open_pipes_by_ffi() else open_pipes() end
stdout:setvbuf("line")

-- The processes the function starts. Where the pipes are not close-on-exec, a shell closes them.
local trace_id
local function for_child(command)
    if has_ffi then return command end
    local before = "exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-; "
    if not trace_id then return before .. "unset _X_AMZN_TRACE_ID; " .. command end
    return before .. "export _X_AMZN_TRACE_ID='" .. gsub(trace_id, "'", "'\\''") .. "'; " .. command
end

function os.execute(command)
    if command == nil then return execute() end
    return execute(for_child(command))
end

function io.popen(command, mode)
    return popen(for_child(command), mode)
end

-- Sets _X_AMZN_TRACE_ID. Stock Lua cannot change the environment, so there os.getenv answers for it.
local function set_trace_id(id)
    trace_id = id
    if not has_ffi then return end
    if id then
        C.forklift_setenv("_X_AMZN_TRACE_ID", id, 1)
    else
        C.forklift_unsetenv("_X_AMZN_TRACE_ID")
    end
end

if not has_ffi then
    function os.getenv(name)
        if name == "_X_AMZN_TRACE_ID" then return trace_id end
        return getenv(name)
    end
end

-- The milliseconds since 1970. Exact with LuaJIT. Stock Lua knows whole seconds only; there `date` tells
-- the time once, and /proc/uptime counts on from it in steps of 10 ms, for as long as os.time agrees.
-- Without either it is the end of the present second, so that a function never counts on time it lacks.
local milliseconds
if has_ffi then
    local now = ffi.new("long[2]")
    function milliseconds()
        C.forklift_clock_gettime(0, now)
        return tonumber(now[0]) * 1000 + tonumber(now[1]) / 1e6
    end
else
    local booted

    local function first_line(stream)
        local line = stream and stream:read("*l")
        if stream then stream:close() end
        return line or ""
    end

    local function uptime()
        local seconds, hundredths = match(first_line(open("/proc/uptime")), "^(%d+)%.(%d%d)")
        return seconds and seconds * 1000 + hundredths * 10
    end

    function milliseconds()
        local second, up = time() * 1000, uptime()
        if up and not (booted and booted + up > second - 50 and booted + up < second + 1050) then
            local now = match(first_line(popen(for_child("date +%s%N"))), "^%d+$")
            up = uptime()
            booted = now and #now == 19 and now / 1e6 - up
        end
        return booted and booted + up or second + 1000
    end
end

-- Text

local function is_utf8(text)
    if utf8_length then return utf8_length(text) ~= nil end
    if not find(text, "[\128-\255]") then return true end
    text = gsub(text, "[\240-\244][\128-\191][\128-\191][\128-\191]", ".")
    text = gsub(text, "[\224-\239][\128-\191][\128-\191]", ".")
    text = gsub(text, "[\194-\223][\128-\191]", ".")
    return not find(text, "[\128-\255]")
end

local function json_string(text)
    text = gsub(text, '[%z\1-\31"\\\127]', function(char) return format("\\u%04x", byte(char)) end)
    text = gsub(text, "[\128-\255][\128-\191]*", function(char) return is_utf8(char) and char or "\239\191\189" end)
    return '"' .. text .. '"'
end

-- dkjson writes numbers with tostring, which rounds to 14 digits: it gets one that keeps them all, and
-- writes 3.0 as 3.
local function exact(value)
    if type(value) ~= "number" or math_type and math_type(value) == "integer" then return tostring(value) end
    for digits = 14, 17 do
        local text = format("%." .. digits .. "g", value)
        if digits == 17 or tonumber(text) == value then return text end
    end
end

-- Where in a result, and what, the first number is that JSON has no word for. dkjson writes null for it.
local function lost_number(value)
    if type(value) == "number" then
        return (value ~= value or value == huge or value == -huge) and " is " .. tostring(value) or nil
    elseif type(value) ~= "table" then
        return nil
    end
    local meta = getmetatable(value)
    if type(meta) == "table" and meta.__tojson then return nil end
    for key, one in pairs(value) do
        local lost = lost_number(one)
        if lost then return "/" .. tostring(key) .. lost end
    end
end

-- A library in C, and no file of the function's that has its name.
local function require_c(name)
    local path = package.path
    package.path = ""
    local found, library = pcall(require, name)
    package.path = path
    if not found then error(library, 0) end
    return library
end

local function load_dkjson()
    local lax, lpeg = _G.tostring, package.loaded.lpeg
    _G.tostring = exact
    -- Older versions try lpeg.
    _G.require = function(name) return (name == "lpeg" and require_c or require)(name) end
    local found, json = pcall(require, "dkjson")
    _G.tostring, _G.require = lax, require
    package.loaded.lpeg = lpeg
    if not found then return nil, json end

    local object, array = { __jsontype = "object" }, { __jsontype = "array" }
    return function(value)
        local text = json.encode(value)
        local lost = find(text, "null", 1, true) and lost_number(value)
        if lost then error((find(lost, "^/") and "the number at " or "it") .. lost, 0) end
        return text
    end, function(text)
        local value, after, mistake = json.decode(text, 1, json.null, object, array)
        local rest = not mistake and find(text, "%S", after)
        if rest then mistake = "something follows the value at byte " .. rest end
        if mistake then error(mistake, 0) end
        return value
    end
end

local function load_cjson()
    local found, json = pcall(require_c, "cjson")
    if not found then return nil, json end
    -- Of the digits it writes 14 by itself, and no more than that before its version 2.1.0.10.
    pcall(json.encode_number_precision, 16)
    if json.decode_array_with_array_mt then json.decode_array_with_array_mt(true) end
    -- cjson takes the locale's decimal point for JSON's.
    return function(value) setlocale("C", "numeric") return json.encode(value) end,
        function(text) setlocale("C", "numeric") return json.decode(text) end
end

-- Messages

-- A request's headers (their names in small letters) and its body, or nothing at end-of-file.
local function read_request()
    local line = requests:read("*l")
    if not line then return nil end
    local headers = {}
    while line and line ~= "" and line ~= "\r" do
        local name, value = match(line, "^([^:]+):%s*(.-)%s*$")
        if name then headers[lower(name)] = value end
        line = requests:read("*l")
    end
    local length = tonumber(headers["content-length"]) or 0
    local body = line and (length == 0 and "" or requests:read(length))
    if not body or #body < length then
        stderr:write("lua.lua: stdin ended in the middle of a request\n")
        exit(1)
    end
    return headers, body
end

local function send(headers, body)
    stdout:flush()
    if not replies:write(headers .. "Content-Length: " .. #body .. "\r\n\r\n" .. body) then exit(1) end
end

-- Sends and logs a failure; `id` is nil when the worker cannot start.
local function send_failure(id, error_type, message, frames)
    local quoted = {}
    for i, frame in ipairs(frames) do quoted[i] = json_string(frame) end
    local log = "[ERROR] " .. error_type .. ": " .. message .. "\n"
    if #frames > 0 then log = log .. "stack traceback:\n\t" .. concat(frames, "\n\t") .. "\n" end
    stdout:flush()
    stderr:write(log)
    send((id and "Lambda-Runtime-Aws-Request-Id: " .. id .. "\r\n" or "")
        .. "Lambda-Runtime-Function-Error-Type: " .. gsub(error_type, "[^\33-\126]", "?") .. "\r\n",
        format('{"errorType":%s,"errorMessage":%s,"stackTrace":[%s]}', json_string(error_type), json_string(message),
            concat(quoted, ",")))
end

local function cannot_start(error_type, message, frames)
    send_failure(nil, error_type, message, frames or {})
    exit(1)
end

-- The frames above this file's in debug.traceback's lines.
local function frames_of(trace)
    local frames = {}
    for frame in gmatch(trace or "", "\n\t([^\n]+)") do
        if sub(frame, 1, #this_file + 1) == this_file .. ":" then break end
        frames[#frames + 1] = frame
    end
    return frames
end

-- The type and the message of whatever error() was given.
local function describe(thrown)
    if type(thrown) ~= "table" then return nil, tostring(thrown) end
    local message = thrown.errorMessage or thrown.message
    if message == nil then
        local meta = getmetatable(thrown)
        message = meta and meta.__tostring and thrown or "(error object is a table value)"
    end
    local error_type = thrown.errorType or thrown.type
    return type(error_type) == "string" and error_type or nil, tostring(message)
end

-- Calls `call` and returns its result, or nothing, the error and its traceback.
local trace
local function on_error(thrown)
    trace = traceback("", 2)
    return thrown
end

local function guarded(call)
    trace = nil
    local fine, result = xpcall(call, on_error)
    if fine then return true, result end
    local described, error_type, message = pcall(describe, result)
    if not described then error_type, message = nil, "(an error that cannot be described)" end
    return false, error_type, message, frames_of(trace)
end

-- Loading

-- The file's folder, and what a layer brings: the tree that `luarocks --tree /opt` makes.
local version = _VERSION:match("%d+%.%d+")
local layer = "/opt/share/lua/" .. version .. "/"
package.path = concat({ folder .. "?.lua", folder .. "?/init.lua", layer .. "?.lua", layer .. "?/init.lua",
    package.path }, ";")
package.cpath = concat({ folder .. "?.so", "/opt/lib/lua/" .. version .. "/?.so", package.cpath }, ";")

local encode, decode = load_dkjson()
local no_dkjson = decode
if not encode then encode, decode = load_cjson() end
if not encode then
    local broken = {}
    for _, reason in ipairs { no_dkjson, decode } do
        reason = tostring(reason)
        if not reason:find("^module '%w+' not found") then broken[#broken + 1] = reason end
    end
    cannot_start("Runtime.ImportModuleError", "Lua has no JSON of its own, and neither dkjson nor cjson could be "
        .. "loaded: put a file dkjson.lua beside " .. file_name .. ", or install lua-dkjson or lua-cjson", broken)
end

-- What keeps a file from being loaded has the names that Lambda's runtimes give it.
local function type_of_loading(message, frames)
    local library = match(message, "error loading module '[^\n]+' from file '([^\n]+)':")
    if find(message, "module '[^\n]+' not found:") or find(message, "^cannot open ") then
        return "Runtime.ImportModuleError"
    elseif library then
        return find(library, "%.so$") and "Runtime.ImportModuleError" or "Runtime.UserCodeSyntaxError"
    end
    -- What does not compile does not run: it is in no frame.
    local where = match(message, "^(.-):%d+: .* near ")
    if not where or find(concat(frames, "\n"), where .. ":", 1, true) then return "Error" end
    return "Runtime.UserCodeSyntaxError"
end

local function load_function()
    local main, mistake = loadfile(file)
    if not main then
        local unreadable = find(mistake, "^cannot ")
        cannot_start(unreadable and "Runtime.ImportModuleError" or "Runtime.UserCodeSyntaxError", mistake)
    end

    local before = {}
    for name, value in pairs(_G) do before[name] = value end
    local loaded, module, message, frames = guarded(function()
        local result = main(file_name:gsub("%.lua$", ""), file)
        return result
    end)
    if not loaded then cannot_start(module or type_of_loading(message, frames), message, frames) end

    local defined = {}
    for name, value in pairs(_G) do
        if before[name] ~= value then defined[name] = value end
    end
    if type(module) == "table" then
        for name, value in pairs(module) do defined[name] = value end
        defined[function_name] = module[function_name]
    end

    local found = defined[function_name]
    local meta = getmetatable(found)
    if type(found) == "function" or type(meta) == "table" and meta.__call then return found end
    if found ~= nil then
        cannot_start("Runtime.HandlerNotFound", format("'%s' in %s is a %s, not a function", function_name, file_name,
            type(found)))
    end
    local names = {}
    for name, value in pairs(defined) do
        if type(name) == "string" and type(value) == "function" then names[#names + 1] = name end
    end
    sort(names)
    cannot_start("Runtime.HandlerNotFound", format("%s has no function '%s', neither in the table it returns nor as a "
        .. "global; it has %s", file_name, function_name, #names > 0 and concat(names, ", ") or "none"))
end

local handler = load_function()
send("Forklift-Worker-Protocol: 1\r\n", "")

-- Events

-- The object in a header, or nil. Any caller may have sent anything, which is no fault of the event.
local function object_in(headers, name)
    local text = headers[name]
    if not text or text == "" then return nil end
    local fine, value = pcall(decode, text)
    if fine and type(value) == "table" and find(text, "^{") and is_utf8(text) then return value end
    stderr:write("[WARN] ", name, " is not a JSON object, and the context goes without it\n")
end

local constants = {
    function_name = getenv("AWS_LAMBDA_FUNCTION_NAME"),
    function_version = getenv("AWS_LAMBDA_FUNCTION_VERSION"),
    memory_limit_in_mb = tonumber(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")),
    log_group_name = getenv("AWS_LAMBDA_LOG_GROUP_NAME"),
    log_stream_name = getenv("AWS_LAMBDA_LOG_STREAM_NAME"),
}

local function context_of(headers)
    local deadline = tonumber(headers["lambda-runtime-deadline-ms"]) or 0
    local context = {
        aws_request_id = headers["lambda-runtime-aws-request-id"],
        invoked_function_arn = headers["lambda-runtime-invoked-function-arn"],
        tenant_id = headers["lambda-runtime-aws-tenant-id"],
        get_remaining_time_in_millis = function() return max(0, floor(deadline - milliseconds())) end,
    }
    for name, value in pairs(constants) do context[name] = value end

    context.client_context = object_in(headers, "lambda-runtime-client-context")
    local identity = object_in(headers, "lambda-runtime-cognito-identity")
    if identity then
        context.identity = {
            cognito_identity_id = identity.cognitoIdentityId,
            cognito_identity_pool_id = identity.cognitoIdentityPoolId,
        }
    end
    return context
end

-- A lone surrogate, which only an escape can have brought into a string, is not UTF-8: it becomes an
-- escape again.
local function escape_surrogates(json)
    if not find(json, "\237", 1, true) then return json end
    return (gsub(json, "\237([\160-\191])([\128-\191])", function(high, low)
        return format("\\ud%03x", (byte(high) - 128) * 64 + byte(low) - 128)
    end))
end

-- What a JSON library says, without the line of Lua where it said it.
local function reason(thrown)
    return (gsub(tostring(thrown), "^[^%s:]+:%d+: ", ""))
end

local event, context
local function call_handler()
    local result = handler(event, context)
    return result
end

local function answer(headers, body)
    local id = headers["lambda-runtime-aws-request-id"]
    local fine, value = false, "it is empty"
    if body ~= "" then fine, value = pcall(decode, body) end
    if not fine then
        return send_failure(id, "Runtime.UnmarshalError", "the event is not JSON: " .. reason(value), {})
    end

    set_trace_id(headers["lambda-runtime-trace-id"])
    event, context = value, context_of(headers)
    local returned, result, message, frames = guarded(call_handler)
    if not returned then return send_failure(id, result or "Error", message, frames) end

    local encoded, json = pcall(encode, result)
    if encoded then
        json = escape_surrogates(json)
        if not is_utf8(json) then encoded, json = false, "a string in it is not UTF-8" end
    end
    if not encoded then
        return send_failure(id, "Runtime.MarshalError", "the result cannot be JSON: " .. reason(json), {})
    end
    send("Lambda-Runtime-Aws-Request-Id: " .. id .. "\r\n", json)
end

for headers, body in read_request do answer(headers, body) end
