#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "local/function.h"
#include "process/child.h"
#include "process/reaper.h"
#include "process/unique_fd.h"

namespace forklift::local {

/// A bootstrap that runs, and the read ends of its stdout and stderr, which do not block.
struct StartedBootstrap {
    process::Child child;
    process::UniqueFd out;
    process::UniqueFd err;
};

/// Starts bootstrap for the function, with nothing on stdin and the Runtime API at `api_address`.
/// What went wrong, in words, when it cannot be started.
std::variant<StartedBootstrap, std::string> start_bootstrap(boost::asio::any_io_executor executor,
                                                            process::Reaper& reaper,
                                                            const Function& function,
                                                            std::string_view api_address);

}  // namespace forklift::local
