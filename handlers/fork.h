#pragma once

#include "handlers/handler.h"
#include "handlers/job.h"
#include "handlers/journal.h"
#include "handlers/recipe.h"
#include "process/reaper.h"

namespace forklift::handlers {

/// Mode `fork`: one process for each event, its context in the environment, stdout and exit status
/// the answer.
class Fork : public Handler {
  public:
    /// `recipe` must outlive the handler.
    Fork(process::Reaper& reaper, Journal& journal, const Recipe& recipe)
        : journal_(journal), recipe_(recipe), job_(reaper, journal, recipe) {}

    boost::asio::awaitable<protocol::Outcome> run(const protocol::Invocation& invocation) override;
    boost::asio::awaitable<void> settle() override { return job_.settle(); }
    void stop() override { job_.stop(); }

  private:
    Journal& journal_;
    const Recipe& recipe_;
    Job job_;
};

}  // namespace forklift::handlers
