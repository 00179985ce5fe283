#!/bin/sh
# A web page behind an API Gateway HTTP API or a function URL (payload format 2.0): the event is the
# HTTP request, the answer is the HTTP response. GET /greet?name=Ada greets, POST /shout gives the
# body back in capitals, and everything else is not found.
set -eu

exec jq -c '
  def respond($status; $text):
    {statusCode: $status, headers: {"content-type": "text/plain; charset=utf-8"}, body: $text};

  def sent_body:
    if .isBase64Encoded then .body | @base64d else .body // "" end;

  "\(.requestContext.http.method) \(.rawPath)" as $route
  | if $route == "GET /greet" then respond(200; "Hello, \(.queryStringParameters.name // "world")!\n")
    elif $route == "POST /shout" then respond(200; sent_body | ascii_upcase)
    else respond(404; "There is no \($route) here.\n")
    end'
