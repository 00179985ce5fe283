#include "handlers/worker_lifetime.h"

#include <fmt/format.h>

#include "process/resident_memory.h"

namespace forklift::handlers {

void WorkerLifetime::draw() {
    const std::size_t most = options_.max_requests;
    std::uniform_int_distribution<std::size_t> less(0, most / 10);
    requests_ = most - less(random_);
}

std::optional<std::string> WorkerLifetime::over(const WorkerProcess& worker) const {
    if (requests_ > 0 && worker.answered() >= requests_)
        return fmt::format("it has answered {} events (max_requests)", worker.answered());
    if (options_.max_age.count() > 0 && worker.age() >= options_.max_age)
        return fmt::format("it is older than {} ms (max_age)", options_.max_age.count());
    if (options_.max_rss == 0) return std::nullopt;
    const std::size_t resident = process::resident_memory(worker.pid());
    if (resident < options_.max_rss) return std::nullopt;
    return fmt::format("it has {} bytes of resident memory (max_rss)", resident);
}

bool WorkerLifetime::last_event_is_next(const WorkerProcess& worker) const {
    return requests_ > 0 && worker.answered() + 1 == requests_;
}

}  // namespace forklift::handlers
