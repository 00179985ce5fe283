#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/http_channel.h"
#include "protocol/invocation.h"
#include "protocol/outcome.h"

namespace forklift::protocol {

/// Lambda cannot be worked with any more; the process is to say so and exit with 1.
struct ApiGone {
    std::string message;
};

/// What became of a posted answer.
struct Accepted {};
/// Lambda did not take it (413, 410, 400, 403, a connection that died); the next event can follow.
struct Refused {
    std::string message;
};
using PostResult = std::variant<Accepted, Refused, ApiGone>;

/// The client side of Lambda's Runtime API, 2018-06-01
/// (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).
class RuntimeApi {
  public:
    /// `address` is AWS_LAMBDA_RUNTIME_API: host:port. `warn` is told of every trouble that is
    /// not fatal.
    RuntimeApi(boost::asio::any_io_executor executor, std::string_view address,
               std::function<void(const std::string&)> warn);

    /// Waits for the next event, for as long as it takes. While the API is away it is asked again
    /// after growing pauses (none, then 50 ms to 3.2 s, 6.35 s in all), then given up.
    boost::asio::awaitable<std::variant<Invocation, ApiGone>> next();

    /// Posts the one answer to `invocation`, with its Lambda-Runtime-Invocation-Id when it had one.
    /// It is sent once more only when Lambda cannot have it: see HttpError::Acknowledged.
    boost::asio::awaitable<PostResult> post(const Invocation& invocation, const Outcome& outcome);

    /// Reports that the environment cannot start.
    boost::asio::awaitable<PostResult> post_init_error(const Failure& failure);

    /// Ends whatever is under way: `next` comes back with ApiGone.
    void cancel();

  private:
    boost::asio::awaitable<PostResult> post_answer(const HttpRequest& request);
    /// An exception, when memory runs out, is an error like any other.
    boost::asio::awaitable<HttpResult> send(const HttpRequest& request);

    HttpChannel http_;
    std::string address_;
    std::function<void(const std::string&)> warn_;
    /// Between two requests for an event.
    boost::asio::steady_timer pause_;
    bool cancelled_ = false;
};

/// What is wrong with an AWS_LAMBDA_RUNTIME_API value, or nothing.
std::optional<std::string> check_api_address(std::string_view address);

}  // namespace forklift::protocol
