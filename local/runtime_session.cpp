#include "local/runtime_session.h"

#include <fmt/format.h>

#include "local/identifiers.h"
#include "local/runtime_error.h"
#include "protocol/base64.h"
#include "protocol/json.h"
#include "protocol/limits.h"

namespace forklift::local {

namespace asio = boost::asio;

namespace {

constexpr std::string_view invocation_id_header = "Lambda-Runtime-Invocation-Id";
constexpr std::string_view error_type_header = "Lambda-Runtime-Function-Error-Type";
constexpr std::string_view error_body_header = "Lambda-Runtime-Function-Error-Body";

HttpReply accepted() { return json_reply(202, R"({"status":"OK"})"); }

HttpReply api_error(int status, std::string_view type, std::string_view message) {
    return json_reply(
        status,
        protocol::JsonObject().text("errorMessage", message).text("errorType", type).finish());
}

HttpReply too_large() {
    return api_error(413, "RequestEntityTooLarge",
                     fmt::format("Exceeded maximum allowed payload size ({} bytes).",
                                 protocol::max_response_bytes));
}

std::string_view header(const HttpRequest& request, std::string_view name) {
    return request.headers.find(name).value_or(std::string_view());
}

/// An error as the runtime posted it, or as it ended a stream with.
Answer reported_error(std::string_view type_header, std::string body) {
    Answer answer;
    answer.error_type = known_error_type(type_header);
    if (body.empty()) {
        return error_answer(answer.error_type, "The runtime gave no more than the error's type.");
    }
    answer.payload = std::move(body);
    return answer;
}

Answer reported_error(HttpRequest& request) {
    Answer answer = reported_error(header(request, error_type_header), std::move(request.body));
    if (const auto type = header(request, "Content-Type"); type.find("json") == type.npos) {
        if (!type.empty()) answer.content_type = type;
    }
    return answer;
}

/// The answer in a complete and accepted /response.
Answer function_answer(HttpRequest& request) {
    if (const auto type = request.trailers.find(error_type_header)) {
        // The stream broke off halfway, and this is why.
        auto body = protocol::base64_decode(request.trailers.find(error_body_header).value_or(""));
        return reported_error(*type, body.value_or(std::string()));
    }
    Answer answer;
    answer.payload = std::move(request.body);
    if (const auto type = header(request, "Content-Type"); !type.empty())
        answer.content_type = type;
    return answer;
}

void add_unless_empty(protocol::Headers& headers, const char* name, const std::string& value) {
    if (!value.empty()) headers.add(name, value);
}

}  // namespace

RuntimeSession::RuntimeSession(asio::any_io_executor executor, std::chrono::milliseconds timeout,
                               std::function<void()> on_change)
    : timeout_(timeout), on_change_(std::move(on_change)), poll_changed_(std::move(executor)) {}

const char* RuntimeSession::name_of(State state) {
    switch (state) {
        case State::started:
            return "Started";
        case State::ready:
            return "Ready";
        case State::running:
            return "Running";
        case State::response_sent:
            return "ResponseSent";
        case State::init_error:
            break;
    }
    return "InitError";
}

void RuntimeSession::changed() {
    if (on_change_) on_change_();
}

void RuntimeSession::offer(std::shared_ptr<const Invocation> invocation) {
    offer_ = std::move(invocation);
    poll_changed_.notify_all();
}

void RuntimeSession::close() {
    closed_ = true;
    detach();
    poll_changed_.notify_all();
}

asio::awaitable<HttpReply> RuntimeSession::next() {
    if (state_ == State::init_error) co_return refuse_transition("Ready");
    if (state_ == State::running) co_return deliver();
    state_ = State::ready;
    if (!first_polled_at_) {
        first_polled_at_ = Clock::now();
        changed();
    }
    // A later poll takes the place of this one, whose connection the runtime has given up.
    const unsigned poll = ++polls_;
    poll_changed_.notify_all();
    while (!closed_ && polls_ == poll && !offer_) co_await poll_changed_.wait();
    if (closed_) co_return api_error(500, "InternalServerError", "Internal Server Error");
    if (polls_ != poll) co_return refuse_transition("Ready");
    state_ = State::running;
    current_ = std::move(offer_);
    offer_.reset();
    invocation_id_ = make_uuid();
    answer_.reset();
    taken_at_ = Clock::now();
    deadline_ = std::chrono::system_clock::now() + timeout_;
    changed();
    co_return deliver();
}

HttpReply RuntimeSession::deliver() {
    const auto deadline =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_.time_since_epoch());
    HttpReply reply;
    reply.body = current_->payload;
    protocol::Headers& headers = reply.headers;
    headers.add("Content-Type", "application/json");
    headers.add("Lambda-Runtime-Aws-Request-Id", current_->request_id);
    headers.add("Lambda-Runtime-Deadline-Ms", std::to_string(deadline.count()));
    headers.add("Lambda-Runtime-Invoked-Function-Arn", current_->function_arn);
    headers.add(std::string(invocation_id_header), invocation_id_);
    add_unless_empty(headers, "Lambda-Runtime-Trace-Id", current_->trace_id);
    add_unless_empty(headers, "Lambda-Runtime-Client-Context", current_->client_context);
    add_unless_empty(headers, "Lambda-Runtime-Cognito-Identity", current_->cognito_identity);
    add_unless_empty(headers, "Lambda-Runtime-Aws-Tenant-Id", current_->tenant_id);
    return reply;
}

HttpReply RuntimeSession::refuse_transition(const char* to) const {
    return api_error(403, "InvalidStateTransition",
                     fmt::format("State transition from {} to {} failed for runtime. Error: State "
                                 "transition is not allowed",
                                 name_of(state_), to));
}

std::optional<HttpReply> RuntimeSession::refuse_post(std::string_view request_id,
                                                     const HttpRequest& request,
                                                     const char* to) const {
    const auto attempt = request.headers.find(invocation_id_header);
    if (attempt && *attempt != invocation_id_) {
        return api_error(410, "InvokeTimeout", "Invoke timeout");
    }
    if (!current_ || current_->request_id != request_id) {
        return api_error(400, "InvalidRequestID", "Invalid request ID");
    }
    if (state_ != State::running) return refuse_transition(to);
    return std::nullopt;
}

void RuntimeSession::finish(Answer answer) {
    state_ = State::response_sent;
    answered_at_ = Clock::now();
    answer_ = std::move(answer);
    changed();
}

HttpReply RuntimeSession::post_response(std::string_view request_id, HttpRequest request) {
    if (auto refusal = refuse_post(request_id, request, "InvocationResponse")) return *refusal;
    const auto mode = header(request, "Lambda-Runtime-Function-Response-Mode");
    if (!mode.empty() && mode != "streaming") {
        finish(error_answer("Runtime.InvalidResponseModeHeader", "Invalid function response mode"));
        return api_error(400, "InvalidFunctionResponseMode", "Invalid function response mode");
    }
    if (request.body_size > protocol::max_response_bytes) {
        finish(too_large_error(request.body_size));
        return too_large();
    }
    if (request.truncated) {
        finish(error_answer("Runtime.TruncatedResponse", "The response broke off before its end"));
        return api_error(400, "TruncatedHTTPRequest", "HTTP request detected as truncated");
    }
    finish(function_answer(request));
    return accepted();
}

HttpReply RuntimeSession::post_error(std::string_view request_id, HttpRequest request) {
    if (auto refusal = refuse_post(request_id, request, "InvocationErrorResponse")) return *refusal;
    if (request.body_size > protocol::max_response_bytes) {
        finish(too_large_error(request.body_size));
        return too_large();
    }
    finish(reported_error(request));
    return accepted();
}

HttpReply RuntimeSession::post_init_error(HttpRequest request) {
    if (state_ != State::started) return refuse_transition("InitError");
    if (request.body_size > protocol::max_response_bytes) return too_large();
    state_ = State::init_error;
    init_error_ = reported_error(request);
    changed();
    return accepted();
}

}  // namespace forklift::local
