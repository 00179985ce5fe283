#pragma once

#include <memory>
#include <vector>

#include "handlers/handler.h"
#include "handlers/job.h"
#include "handlers/journal.h"
#include "handlers/recipe.h"
#include "process/reaper.h"
#include "protocol/record_batch.h"

namespace forklift::handlers {

/// Runs the recipe once for each record of a batch, and answers with the records that failed or
/// were not run. What a program writes to stdout for a record is not used. After a record of a
/// stream or a FIFO queue that failed, none is run; near the deadline, none is started.
class Records : public Handler {
  public:
    /// `recipe` must outlive the handler, and name the records.
    Records(process::Reaper& reaper, Journal& journal, const Recipe& recipe);
    Records(const Records&) = delete;
    Records& operator=(const Records&) = delete;
    ~Records() override;

    boost::asio::awaitable<protocol::Outcome> run(const protocol::Invocation& invocation) override;
    boost::asio::awaitable<void> settle() override;
    void stop() override;

  private:
    struct Batch;
    struct Lane;

    boost::asio::awaitable<void> run_lanes(Batch& batch, std::size_t count);
    static boost::asio::awaitable<void> work(Lane& lane, Batch& batch);
    static boost::asio::awaitable<protocol::Outcome> run_record(Lane& lane, const Batch& batch,
                                                                const protocol::Record& record);
    void report(const Batch& batch);

    Journal& journal_;
    const Recipe& recipe_;
    protocol::JsonPointer pointer_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    bool stopping_ = false;
};

}  // namespace forklift::handlers
