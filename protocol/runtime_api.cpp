#include "protocol/runtime_api.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <climits>

#include "protocol/error_document.h"
#include "protocol/host_connector.h"
#include "protocol/json_value.h"
#include "protocol/version.h"

namespace forklift::protocol {

namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr std::array<milliseconds, 8> pauses = {
    milliseconds(0),   milliseconds(50),  milliseconds(100),  milliseconds(200),
    milliseconds(400), milliseconds(800), milliseconds(1600), milliseconds(3200)};
constexpr milliseconds post_timeout{60'000};
/// The year 2200, for deadlines that no time_point could hold.
constexpr std::int64_t last_deadline_ms = 7'258'118'400'000;
constexpr std::string_view base_path = "/2018-06-01/runtime";
constexpr const char* invocation_id_header = "Lambda-Runtime-Invocation-Id";

template <typename Number>
std::optional<Number> to_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// "413 RequestEntityTooLarge: Exceeded maximum allowed payload size".
std::string describe(const HttpResponse& response) {
    std::string text = std::to_string(response.status);
    const auto error = JsonValue::parse(response.body);
    if (!error) return text;
    if (const auto type = error->text_of("errorType")) text += " " + *type;
    if (const auto message = error->text_of("errorMessage")) text += ": " + *message;
    return text;
}

std::string describe(const HttpResult& result) {
    const auto* response = std::get_if<HttpResponse>(&result);
    return response ? describe(*response) : std::get<HttpError>(result).message;
}

/// Percent-encodes what may not stand in a path segment as it is (RFC 3986, 3.3).
std::string path_segment(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') ||
                           std::string_view("-._~").find(c) != std::string_view::npos;
        out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::optional<Invocation> to_invocation(HttpResponse& response) {
    const auto id = response.headers.find("Lambda-Runtime-Aws-Request-Id");
    if (!id || id->empty()) return std::nullopt;
    Invocation invocation;
    invocation.id = *id;
    if (const auto text = response.headers.find("Lambda-Runtime-Deadline-Ms")) {
        if (const auto ms = to_number<std::int64_t>(*text)) {
            invocation.deadline = std::chrono::system_clock::time_point(
                milliseconds(std::clamp(*ms, std::int64_t{0}, last_deadline_ms)));
        }
    }
    invocation.headers = std::move(response.headers);
    invocation.payload = std::move(response.body);
    return invocation;
}

std::string working_directory() {
    std::array<char, PATH_MAX> path{};
    return ::getcwd(path.data(), path.size()) ? path.data() : "/";
}

void add_error_headers(Headers& headers, const Failure& failure) {
    headers.add("Content-Type", "application/json");
    headers.add("Lambda-Runtime-Function-Error-Type", error_type_header(failure.type));
    headers.add("Lambda-Runtime-Function-XRay-Error-Cause",
                xray_cause(failure, working_directory()));
}

PostResult to_post_result(const HttpResult& result) {
    const auto* response = std::get_if<HttpResponse>(&result);
    if (!response) {
        const auto& error = std::get<HttpError>(result);
        return Refused{error.acknowledged == HttpError::Acknowledged::none
                           ? error.message
                           : error.message + "; Lambda may have taken it, so it is not sent again"};
    }
    if (response->status / 100 == 2) return Accepted{};
    if (response->status == 500) return ApiGone{"Lambda answered " + describe(*response)};
    return Refused{"Lambda answered " + describe(*response)};
}

bool nothing_acknowledged(const HttpResult& result) {
    const auto* error = std::get_if<HttpError>(&result);
    return error && error->acknowledged == HttpError::Acknowledged::none;
}

}  // namespace

std::optional<std::string> check_api_address(std::string_view address) {
    const auto colon = address.rfind(':');
    const auto port =
        colon == address.npos ? std::nullopt : to_number<std::uint16_t>(address.substr(colon + 1));
    const bool fine =
        port && *port != 0 && colon > 0 && address.find_first_of("/ @?#") == address.npos;
    if (fine) return std::nullopt;
    return fmt::format(
        "AWS_LAMBDA_RUNTIME_API is \"{}\"; it must be HOST:PORT, such as 127.0.0.1:9001", address);
}

RuntimeApi::RuntimeApi(asio::any_io_executor executor, std::string_view address,
                       std::function<void(const std::string&)> warn)
    : http_(std::make_unique<HostConnector>(executor, std::string(address)),
            HttpChannel::Connections::kept,
            fmt::format("Host: {}\r\nUser-Agent: forklift/{}\r\n", address, version)),
      address_(address),
      warn_(std::move(warn)),
      pause_(executor) {}

asio::awaitable<std::variant<Invocation, ApiGone>> RuntimeApi::next() {
    HttpRequest request;
    request.target = fmt::format("{}/invocation/next", base_path);
    std::string trouble;
    for (std::size_t attempt = 0;; ++attempt) {
        HttpResult result = co_await send(request);
        if (cancelled_) co_return ApiGone{"cancelled"};
        auto* response = std::get_if<HttpResponse>(&result);
        if (response && response->status == 200) {
            if (auto invocation = to_invocation(*response)) co_return std::move(*invocation);
            trouble = "an answer without Lambda-Runtime-Aws-Request-Id";
        } else {
            trouble = describe(result);
        }
        if (response && response->status == 500) break;
        if (attempt == pauses.size()) break;
        warn_(fmt::format("asking {} for an event: {}; asking again in {} ms", address_, trouble,
                          pauses[attempt].count()));
        pause_.expires_after(pauses[attempt]);
        co_await pause_.async_wait(asio::as_tuple(asio::use_awaitable));
        if (cancelled_) co_return ApiGone{"cancelled"};
    }
    co_return ApiGone{fmt::format("no event to be had from {}: {}", address_, trouble)};
}

void RuntimeApi::cancel() {
    cancelled_ = true;
    pause_.cancel();
    http_.cancel();
}

asio::awaitable<PostResult> RuntimeApi::post(const Invocation& invocation, const Outcome& outcome) {
    const std::string path =
        fmt::format("{}/invocation/{}", base_path, path_segment(invocation.id));
    const auto* success = std::get_if<Success>(&outcome);
    std::string document;
    HttpRequest request;
    if (success) {
        request.target = path + "/response";
        request.headers.add("Content-Type", success->content_type);
        request.body = success->body;
    } else {
        const auto& failure = std::get<Failure>(outcome);
        document = error_document(failure);
        request.target = path + "/error";
        add_error_headers(request.headers, failure);
        request.body = document;
    }
    if (const auto id = invocation.headers.find(invocation_id_header)) {
        request.headers.add(invocation_id_header, std::string(*id));
    }
    request.timeout = post_timeout;
    co_return co_await post_answer(request);
}

asio::awaitable<PostResult> RuntimeApi::post_init_error(const Failure& failure) {
    const std::string document = error_document(failure);
    HttpRequest request;
    request.target = fmt::format("{}/init/error", base_path);
    add_error_headers(request.headers, failure);
    request.body = document;
    request.timeout = post_timeout;
    co_return co_await post_answer(request);
}

asio::awaitable<HttpResult> RuntimeApi::send(const HttpRequest& request) {
    try {
        co_return co_await http_.send(request);
    } catch (const std::exception& error) {
        co_return HttpError{HttpError::Acknowledged::maybe, error.what()};
    }
}

asio::awaitable<PostResult> RuntimeApi::post_answer(const HttpRequest& request) {
    HttpResult result = co_await send(request);
    if (nothing_acknowledged(result)) {
        warn_(fmt::format("posting to {}{}: {}; sending it once more", address_, request.target,
                          describe(result)));
        result = co_await send(request);
    }
    co_return to_post_result(result);
}

}  // namespace forklift::protocol
