#include "protocol/time_limit.h"

#include <utility>

namespace forklift::protocol {

TimeLimit::TimeLimit(boost::asio::any_io_executor executor, std::function<void()> passed)
    : timer_(executor), passed_(std::move(passed)) {}

TimeLimit::~TimeLimit() { *gone_ = true; }

void TimeLimit::set(Clock::time_point limit) {
    limit_ = limit;
    if (!watched_ || *watched_ > limit) watch(limit);
}

void TimeLimit::watch(Clock::time_point until) {
    watched_ = until;
    timer_.expires_at(until);
    timer_.async_wait([this, gone = gone_](boost::system::error_code error) {
        if (error || *gone) return;
        watched_.reset();
        if (!limit_) return;
        if (Clock::now() < *limit_) return watch(*limit_);
        limit_.reset();
        passed_();
    });
}

}  // namespace forklift::protocol
