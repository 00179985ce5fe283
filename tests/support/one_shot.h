#pragma once

#include <string>

#include "tests/support/bootstrap.h"

namespace forklift::test {

/// One event through a bootstrap of its own: what was posted for it, once bootstrap has gone on to
/// ask for the next event. Throws when anything but exactly one answer was posted.
struct Posted {
    Request request;
    /// What bootstrap and the program wrote to stderr until then.
    std::string errors;
};

Posted answer_to(const Event& event, const TaskRoot& root, const std::string& handler,
                 const Variables& environment = {});

/// A function of these shell lines, and one event for it.
Posted answer_of_script(const std::string& lines, const Variables& environment = {},
                        const Event& event = {});

/// The paths of the Runtime API.
std::string response_path(const std::string& id = Event().id);
std::string error_path(const std::string& id = Event().id);

}  // namespace forklift::test
