#pragma once

#include <string>
#include <vector>

#include "tests/support/lambda_api.h"
#include "tests/support/program.h"
#include "tests/support/task_root.h"

namespace forklift::test {

/// Whether there is what examples/deploy/cli/deploy.sh and the server that it calls need; WARNs
/// otherwise.
bool can_deploy();

/// A function in a folder, and an account at AWS that examples/deploy/cli/deploy.sh deploys it to:
/// `api` plays its part. The AWS CLI is Debian's, where there are more.
class DeployAccount {
  public:
    DeployAccount();

    static const std::string role;
    static const std::string image;

    /// The function's folder, with greet.sh in it.
    std::string folder() const { return folder_.path(); }
    /// Puts a program of this name before those on PATH.
    void stand_in(const std::string& program, const std::string& lines);

    /// Runs deploy.sh to its end; `environment` wins over what it gets otherwise.
    Finished run(std::vector<std::string> arguments, const Variables& environment = {});
    /// The same for a function "greet" of `role`, on this machine's architecture.
    Finished run_greet(std::vector<std::string> arguments, const Variables& environment = {});
    /// What a run calls that goes well.
    std::vector<Json> deploy(std::vector<std::string> arguments);

    LambdaApi api;

  private:
    TaskRoot folder_;
    TaskRoot bin_;
};

using Requests = std::vector<std::string>;

/// What makes a function, and what brings one up to date.
inline const Requests creation = {"POST /2015-03-31/functions"};
inline const Requests update = {"PUT /2015-03-31/functions/greet/code",
                                "PUT /2015-03-31/functions/greet/configuration"};

/// "POST /2015-03-31/functions" and so on.
Requests requests(const std::vector<Json>& calls);

}  // namespace forklift::test
