#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What the worker programs of the tests have in common: docs/worker-protocol.md, written without
/// code of the project, so that the two cannot be wrong together.
namespace worker {

struct Request {
    /// Empty in lines.
    std::string id;
    std::string event;
};

/// Whether FORKLIFT_WORKER asks for frames.
bool is_framed();

/// The header lines of the next request, or nothing at end-of-file; empty in lines.
std::optional<std::string> read_head();
/// The rest of it.
Request read_body(const std::string& head);
std::optional<Request> read_request();

/// Writes and flushes.
void write(std::string_view bytes);

void say_ready();
/// The answer as a whole message.
std::string counted(const Request& request, std::string_view body);
std::string chunked(const Request& request, std::string_view body);
/// An error whose message is `text`, a JSON string.
std::string error(const Request& request, std::string_view text);

/// The member "fail" of an event that begins with it, as the JSON string that it is.
std::optional<std::string> fail_text(const std::string& event);

/// What a correct worker writes.
std::string right_reply(const Request& request);

}  // namespace worker
