#pragma once

#include <string>
#include <variant>

#include "protocol/headers.h"
#include "protocol/invocation.h"
#include "protocol/outcome.h"

/// What Forklift and a worker say to each other; docs/worker-protocol.md is the specification.
namespace forklift::protocol {

inline constexpr int worker_protocol_version = 1;

/// How messages stand on a worker's stdin and stdout.
enum class Framing { lines, framed };

/// The variable that tells a worker of the protocol: "lines/1" or "framed/1".
inline constexpr const char* worker_variable = "FORKLIFT_WORKER";
/// Its value.
std::string worker_greeting(Framing framing);

/// The request for an event, as the worker reads it. Function.InvalidEvent when the framing is
/// `lines` and the event neither JSON nor empty.
std::variant<std::string, Failure> worker_request(Framing framing, const Invocation& invocation);

/// One message that a worker has written, whole.
struct WorkerMessage {
    /// Header fields and trailers; empty in `lines`.
    Headers headers;
    Headers trailers;
    std::string body;
    /// Bytes of the body. More than `body` has when it was too large, which is then empty.
    std::size_t body_size = 0;
    bool too_large = false;
};

/// The worker can take events.
struct WorkerReady {};

/// The worker cannot start; it ends by itself.
struct WorkerInitError {
    Failure failure;
};

/// What the function said to an event.
struct WorkerReply {
    /// Empty in `lines`.
    std::string request_id;
    /// Empty when the worker named none: the option `output` then forms the answer.
    std::string content_type;
    /// The answer's body; of no meaning when there is a failure or it was too large.
    std::string body;
    /// Stands beside `too_large` when the trailers of a reply that was too large say so.
    std::optional<Failure> failure;
    bool too_large = false;
    /// Bytes of the body as the worker wrote it.
    std::size_t size = 0;
};

/// Words about a message that means nothing: what was found and what would be right.
struct NoMeaning {
    std::string message;
};

using WorkerSaid = std::variant<WorkerReady, WorkerInitError, WorkerReply, NoMeaning>;

/// What a message means.
WorkerSaid understand(Framing framing, WorkerMessage message);

}  // namespace forklift::protocol
