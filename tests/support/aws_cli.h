#pragma once

#include <string>

#include "tests/support/program.h"

namespace forklift::test {

/// What the AWS CLI needs to call a server of ours, and to read nothing of this machine's: `home`
/// is its HOME.
Variables aws_cli_environment(const std::string& home);

}  // namespace forklift::test
