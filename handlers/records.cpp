#include "handlers/records.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "handlers/context.h"
#include "handlers/line_journal.h"
#include "handlers/time_budget.h"

namespace forklift::handlers {

namespace asio = boost::asio;
using protocol::Failure;
using protocol::Record;
using std::chrono::steady_clock;

/// A batch under way.
struct Records::Batch {
    /// The next record to run, or null when none may be started any more.
    const Record* take() {
        if (*stopping || (ordered && failed)) return nullptr;
        if (steady_clock::now() >= budget.limits.stop_at || next == records.size()) return nullptr;
        return &records[next++];
    }

    void done(const Record& record) {
        succeeded[static_cast<std::size_t>(&record - records.data())] = true;
    }

    std::vector<std::string> unfinished() const {
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (!succeeded[i]) ids.push_back(records[i].id);
        }
        return ids;
    }

    std::vector<Record> records;
    bool ordered = false;
    const bool* stopping = nullptr;
    process::Environment environment;
    TimeBudget budget;
    std::size_t next = 0;
    bool failed = false;
    std::vector<bool> succeeded = std::vector<bool>(records.size());
};

/// One place where a record can run.
struct Records::Lane {
    Lane(process::Reaper& reaper, Journal& slot, const Recipe& shared)
        : recipe(shared), journal(slot), job(reaper, journal, shared) {}

    const Recipe& recipe;
    LineJournal journal;
    Job job;
};

Records::Records(process::Reaper& reaper, Journal& journal, const Recipe& recipe)
    : journal_(journal),
      recipe_(recipe),
      pointer_(*protocol::JsonPointer::parse(recipe.options().records)) {
    for (std::size_t i = 0; i < recipe.options().records_parallel; ++i)
        lanes_.push_back(std::make_unique<Lane>(reaper, journal, recipe));
}

Records::~Records() = default;

asio::awaitable<protocol::Outcome> Records::run(const protocol::Invocation& invocation) {
    Event event(invocation.payload);
    const auto found = event.find(pointer_);
    if (const auto* failure = std::get_if<Failure>(&found)) co_return *failure;
    const auto& array = std::get<0>(found);
    if (!array) co_return missing_field(pointer_.text(), "records");
    auto read = protocol::read_records(*array);
    if (auto* wrong = std::get_if<protocol::NotInEvent>(&read))
        co_return invalid_event(std::move(wrong->message));
    auto& [ordered, records] = std::get<protocol::RecordBatch>(read);
    Batch batch{.records = std::move(records),
                .ordered = ordered,
                .stopping = &stopping_,
                .environment = with_context(recipe_.environment(), invocation, journal_),
                .budget = time_budget(invocation.deadline, recipe_.options())};
    if (batch.budget.spent) batch.budget.limits.stop_at = steady_clock::now();
    const std::size_t lanes = ordered ? 1 : std::min(lanes_.size(), batch.records.size());
    co_await run_lanes(batch, lanes);
    report(batch);
    co_return protocol::Success{"application/json", protocol::batch_answer(batch.unfinished())};
}

asio::awaitable<void> Records::run_lanes(Batch& batch, std::size_t count) {
    if (count <= 1) {
        co_await work(*lanes_[0], batch);
        co_return;
    }
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer all_done(executor, steady_clock::time_point::max());
    std::size_t open = count;
    std::exception_ptr first;
    for (std::size_t i = 0; i < count; ++i) {
        const auto finished = [&open, &all_done, &first](std::exception_ptr exception) {
            if (!first) first = exception;
            if (--open == 0) all_done.cancel();
        };
        asio::co_spawn(executor, work(*lanes_[i], batch), finished);
    }
    if (open > 0) co_await all_done.async_wait(asio::as_tuple(asio::use_awaitable));
    // The records of the other lanes have been run; those of this one are not known to have been.
    if (first) std::rethrow_exception(first);
}

asio::awaitable<protocol::Outcome> Records::run_record(Lane& lane, const Batch& batch,
                                                       const Record& record) {
    try {
        Event event(record.value);
        process::Environment environment = batch.environment;
        const TimeBudget budget = for_one_run(batch.budget, lane.recipe.options());
        co_return co_await lane.job.run(event, std::move(environment), budget);
    } catch (const std::exception& error) {
        // Memory or kernel resources ran out. The other records have their own chance.
        co_return Failure{"Runtime.OutOfResources", error.what(), {}};
    }
}

asio::awaitable<void> Records::work(Lane& lane, Batch& batch) {
    while (const Record* record = batch.take()) {
        const protocol::Outcome outcome = co_await run_record(lane, batch, *record);
        lane.journal.end();
        co_await lane.job.settle();
        if (const auto* failure = std::get_if<Failure>(&outcome)) {
            batch.failed = true;
            lane.journal.warn(
                fmt::format("record {}: {}: {}", record->id, failure->type, failure->message));
        } else {
            batch.done(*record);
        }
    }
}

void Records::report(const Batch& batch) {
    const std::size_t left = batch.records.size() - batch.next;
    if (left == 0) return;
    const char* reason = stopping_                       ? "the environment was told to end"
                         : batch.ordered && batch.failed ? "an earlier record failed"
                                                         : "Lambda's deadline is near";
    journal_.warn(fmt::format("{} of {} records were not run, from {} on: {}", left,
                              batch.records.size(), batch.records[batch.next].id, reason));
}

asio::awaitable<void> Records::settle() { co_return; }

void Records::stop() {
    stopping_ = true;
    for (const auto& lane : lanes_) lane->job.stop();
}

}  // namespace forklift::handlers
