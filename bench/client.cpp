#include "bench/client.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace forklift::bench {
namespace {

void set(std::vector<std::string>& environment, const std::string& entry) {
    const std::string name = entry.substr(0, entry.find('=') + 1);
    std::erase_if(environment, [&](const auto& other) { return other.starts_with(name); });
    environment.push_back(entry);
}

std::vector<std::string> client_environment(const Contender& contender, const Function& function,
                                            const std::string& address) {
    auto more = contender.environment;
    more.insert(more.begin(), "AWS_LAMBDA_RUNTIME_API=" + address);
    return lambda_environment(function, more);
}

}  // namespace

std::vector<std::string> lambda_environment(const Function& function,
                                            const std::vector<std::string>& more) {
    std::vector<std::string> environment{
        "_HANDLER=" + function.name,
        "LAMBDA_TASK_ROOT=" + function.task_root,
        "LAMBDA_RUNTIME_DIR=/var/runtime",
        "AWS_REGION=us-east-1",
        "AWS_DEFAULT_REGION=us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME=bench",
        "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=1769",
        "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/bench",
        "AWS_LAMBDA_LOG_STREAM_NAME=2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
        "LANG=en_US.UTF-8",
        "TZ=:UTC"};
    for (const char* name : {"PATH", "HOME", "LD_LIBRARY_PATH"})
        if (const char* value = std::getenv(name))
            set(environment, std::string(name) + "=" + value);
    for (const auto& entry : more) set(environment, entry);
    return environment;
}

Client::Client(const Contender& contender, const Function& function)
    : name_(contender.name),
      process_(contender.argv, client_environment(contender, function, server_.address()),
               function.task_root) {
    server_.watch(process_.pidfd());
    try {
        start_time_ = microseconds(process_.started(), server_.await_poll());
    } catch (const std::exception& error) {
        fail(error);
    }
}

EventTimes Client::run_event(std::string_view event, bool echo) {
    try {
        return server_.run_event(event, echo);
    } catch (const std::exception& error) {
        fail(error);
    }
}

void Client::fail(const std::exception& error) const {
    throw std::runtime_error(name_ + ": " + error.what() + "\n" + process_.log_tail());
}

}  // namespace forklift::bench
