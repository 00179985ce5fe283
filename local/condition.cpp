#include "local/condition.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace forklift::local {

namespace asio = boost::asio;

asio::awaitable<void> Condition::wait_until(Time until) {
    asio::steady_timer timer(executor_, until);
    waiters_.push_back(&timer);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    std::erase(waiters_, &timer);
}

void Condition::notify_all() {
    for (asio::steady_timer* waiter : waiters_) waiter->cancel();
}

}  // namespace forklift::local
