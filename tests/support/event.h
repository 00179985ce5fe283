#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tests/support/http_stream.h"

namespace forklift::test {

/// What the connection does around an answer. "Closes" is FIN, "resets" is RST.
enum class Manner {
    /// Answers, and keeps the connection.
    answers,
    /// Answers, and then closes the connection without a word of warning.
    answers_and_closes,
    /// Reads the head of the request and resets.
    resets_before_body,
    /// Reads the whole request and resets before its kernel has acknowledged it.
    resets_unacknowledged,
    /// Reads the whole request and closes without an answer.
    closes_without_answer,
    /// Reads the whole request and answers when `RuntimeApiServer::release` says so.
    holds,
    /// Answers in chunks.
    answers_in_chunks,
};

/// One event for `GET /runtime/invocation/next`.
struct Event {
    std::string payload = "{}";
    /// Goes into Lambda-Runtime-Aws-Request-Id.
    std::string id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
    /// From the moment the event is handed out to its deadline; nothing for no deadline at all.
    std::optional<std::chrono::milliseconds> time_left = std::chrono::seconds(60);
    /// Further headers of the answer.
    HttpFields headers = {};
    Manner manner = Manner::answers;
};

/// What the server says to a request.
struct Reply {
    int status = 202;
    std::string body = R"({"status":"OK"})";
    Manner manner = Manner::answers;
};

}  // namespace forklift::test
