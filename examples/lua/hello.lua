-- Greets whoever the event names.
local hello = {}

function hello.handler(event, context)
    if type(event.name) ~= "string" then
        error({ errorType = "Greeting.NoName", errorMessage = "the event names nobody" })
    end
    print(context.aws_request_id .. " greets " .. event.name)
    return { greeting = "Hello, " .. event.name .. "!" }
end

return hello
