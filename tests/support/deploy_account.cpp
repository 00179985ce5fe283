#include "tests/support/deploy_account.h"

#include "tests/support/aws_cli.h"
#include "tests/support/contains.h"
#include "tests/support/tested_programs.h"
#include "tests/support/tools.h"
#include "tests/test.h"

namespace forklift::test {

const std::string DeployAccount::role = "arn:aws:iam::123456789012:role/runs-functions";
const std::string DeployAccount::image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/greet:1";

bool can_deploy() { return has_tool("aws") && has_tool("python3") && has_tool("sha256sum"); }

DeployAccount::DeployAccount() {
    folder_.script("greet.sh", "cat");
    // Any statically linked program does for bootstrap.
    stand_in("forklift", "case \"$*\" in *--without-bootstrap*) ;; *) set -- \"$@\" --bootstrap " +
                             helper("static_program") + ";; esac; exec " + tested_forklift() +
                             " \"$@\"");
}

void DeployAccount::stand_in(const std::string& program, const std::string& lines) {
    bin_.script(program, lines);
}

Finished DeployAccount::run(std::vector<std::string> arguments, const Variables& environment) {
    arguments.insert(arguments.begin(), FORKLIFT_SOURCE_DIR "/examples/deploy/cli/deploy.sh");
    ProgramOptions program;
    program.argv = std::move(arguments);
    program.environment = aws_cli_environment(bin_.path());
    program.environment["PATH"] = bin_.path() + ":/usr/bin:/bin:" + program.environment["PATH"];
    program.environment["ENDPOINT_URL"] = api.url();
    for (const auto& [name, value] : environment) program.environment[name] = value;
    return run_program(program, std::chrono::seconds(100));
}

Finished DeployAccount::run_greet(std::vector<std::string> arguments,
                                  const Variables& environment) {
    arguments.insert(arguments.end(), {"--name", "greet", "--role", role});
    // The default is x86_64.
    if (this_architecture() != "x86_64")
        arguments.insert(arguments.end(), {"--arch", this_architecture()});
    return run(std::move(arguments), environment);
}

std::vector<Json> DeployAccount::deploy(std::vector<std::string> arguments) {
    const auto finished = run_greet(std::move(arguments));
    INFO(finished.errors);
    REQUIRE(finished.exit == 0);
    CHECK(contains(finished.errors, "deploy.sh: greet is ready"));
    return api.calls();
}

Requests requests(const std::vector<Json>& calls) {
    Requests names;
    for (const auto& call : calls) names.push_back(call.text("/method") + " " + call.text("/path"));
    return names;
}

}  // namespace forklift::test
