#pragma once

#include "handlers/handler.h"
#include "handlers/journal.h"
#include "handlers/options.h"
#include "process/command.h"
#include "process/reaper.h"
#include "process/run.h"

namespace forklift::handlers {

/// Mode `fork`: one process for each event, the event on its stdin, its context in the environment,
/// stdout and exit status the answer.
class Fork : public Handler {
  public:
    /// `command` carries the environment that every child begins with.
    Fork(process::Reaper& reaper, Journal& journal, process::Command command, Options options);

    boost::asio::awaitable<protocol::Outcome> run(const protocol::Invocation& invocation) override;
    boost::asio::awaitable<void> settle() override;
    void stop() override { stop_switch_.stop(); }

  private:
    process::Reaper& reaper_;
    Journal& journal_;
    process::Command command_;
    process::Environment base_environment_;
    Options options_;
    process::StopSwitch stop_switch_;
    pid_t last_group_ = 0;
};

}  // namespace forklift::handlers
