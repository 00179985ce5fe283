#include "handlers/worker_verdict.h"

#include <fmt/format.h>

#include "handlers/output.h"
#include "handlers/verdict.h"

namespace forklift::handlers {

using protocol::Failure;
using protocol::Outcome;
using Lines = std::vector<std::string>;

namespace {

Outcome judge_reply(protocol::WorkerReply reply, Lines lines, const Options& options) {
    if (reply.too_large) return too_large(reply.size, options.max_output, std::move(lines));
    if (reply.failure) return std::move(*reply.failure);
    if (reply.content_type.empty()) return to_response(std::move(reply.body), options);
    return to_typed_response(std::move(reply.content_type), std::move(reply.body));
}

}  // namespace

Outcome judge(conversation::End end, Lines lines, const Options& options,
              const TimeBudget& budget) {
    using namespace conversation;
    if (auto* answered = std::get_if<Answered>(&end))
        return judge_reply(std::move(answered->reply), std::move(lines), options);
    if (auto* start = std::get_if<CannotStart>(&end)) return std::move(start->failure);
    if (const auto* broken = std::get_if<Broken>(&end)) {
        return Failure{"Function.WorkerProtocol",
                       fmt::format("the worker broke the worker protocol: {}", broken->what),
                       std::move(lines)};
    }
    if (const auto* gone = std::get_if<Gone>(&end)) {
        return Failure{"Function.WorkerExit",
                       with_last_words(fmt::format("the worker {}", gone->how), lines),
                       std::move(lines)};
    }
    if (const auto* late = std::get_if<TimedOut>(&end)) {
        return out_of_time(fmt::format("the worker {} {} and was stopped", late->what,
                                       when_stopped(options, budget)),
                           std::move(lines));
    }
    if (const auto* exhausted = std::get_if<Exhausted>(&end))
        return out_of_resources(exhausted->what, std::move(lines));
    return terminated(std::move(lines));
}

}  // namespace forklift::handlers
