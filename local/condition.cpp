#include "local/condition.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace forklift::local {

namespace asio = boost::asio;

/// Known to the condition for as long as it lasts, however its coroutine ends.
struct Condition::Waiter {
    Waiter(const Condition& condition, Time until)
        : waiters(condition.waiters_), timer(condition.executor_, until) {
        waiters->push_back(&timer);
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() { std::erase(*waiters, &timer); }

    std::shared_ptr<Waiters> waiters;
    asio::steady_timer timer;
};

asio::awaitable<void> Condition::wait_until(Time until) {
    Waiter waiter(*this, until);
    co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

void Condition::notify_all() {
    for (asio::steady_timer* waiter : *waiters_) waiter->cancel();
}

}  // namespace forklift::local
