#include <fstream>

#include "tests/support/contains.h"
#include "tests/support/deploy_account.h"
#include "tests/test.h"

using namespace forklift::test;

/// What examples/deploy/cli/deploy.sh does when Lambda, or what stands before it, does not go
/// along. [not-emulated]: forklift packs for the processor that it was built for.
namespace {

const auto& image = DeployAccount::image;
/// The end of a script that stands in for the AWS CLI.
const std::string real_aws = "exec /usr/bin/env PATH=\"${PATH#*:}\" aws \"$@\"";
const std::string no_role = "The role defined for the function cannot be assumed by Lambda.";
const std::string busy =
    "The operation cannot be performed at this time. An update is in progress.";

}  // namespace

TEST_CASE("deploy.sh says which tool is missing", "[deployment]") {
    const TaskRoot empty;
    ProgramOptions program;
    program.argv = {"/bin/sh", FORKLIFT_SOURCE_DIR "/examples/deploy/cli/deploy.sh",
                    "image",   image,
                    "--name",  "x",
                    "--role",  DeployAccount::role};
    program.environment = {{"PATH", empty.path()}};
    const auto finished = run_program(program);
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, "there is no aws on PATH"));
}

TEST_CASE("deploy.sh says that there are no credentials, or no region", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    const auto anonymous = account.run_greet(
        {"image", image}, {{"AWS_ACCESS_KEY_ID", ""}, {"AWS_SECRET_ACCESS_KEY", ""}});
    CHECK(anonymous.exit == 1);
    CHECK(contains(anonymous.errors, "Unable to locate credentials"));
    account.stand_in("aws", "unset AWS_DEFAULT_REGION; " + real_aws);
    const auto nowhere = account.run_greet({"image", image}, {{"ENDPOINT_URL", ""}});
    CHECK(nowhere.exit == 1);
    CHECK(contains(nowhere.errors, "You must specify a region"));
    CHECK(account.api.calls().empty());
}

TEST_CASE("deploy.sh waits for a role that was just made", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    account.api.refuse("POST functions", 400, "InvalidParameterValueException", no_role);
    CHECK(requests(account.deploy({"image", image})) == Requests{creation[0], creation[0]});
}

TEST_CASE("deploy.sh gives a role up that never comes to be", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    account.stand_in("sleep", "echo \"waits $1\" >&2");
    for (int refusal = 0; refusal < 9; ++refusal)
        account.api.refuse("POST functions", 400, "InvalidParameterValueException", no_role);
    const auto finished = account.run_greet({"image", image});
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, "waits 32\n"));
    CHECK_FALSE(contains(finished.errors, "waits 64\n"));
    CHECK(contains(finished.errors, no_role));
    CHECK(contains(finished.errors, "deploy.sh: greet is not deployed"));
    CHECK(account.api.calls().size() == 7);
}

TEST_CASE("deploy.sh does not try again what Lambda will never take", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    account.api.refuse("POST functions", 400, "InvalidParameterValueException",
                       "Source image is gone");
    const auto finished = account.run_greet({"image", image});
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, "Source image is gone"));
    CHECK(contains(finished.errors, "deploy.sh: greet is not deployed"));
    CHECK(account.api.calls().size() == 1);
}

TEST_CASE("deploy.sh waits for a function that somebody else is making or changing",
          "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    account.api.set_looks(3);
    account.deploy({"image", image});
    CHECK(requests(account.deploy({"image", image})) == update);

    account.api.set_looks(1);
    // It was not ready, which somebody else may cause between our look and our change.
    account.api.refuse("PUT code", 409, "ResourceConflictException", busy);
    account.api.refuse("PUT configuration", 409, "ResourceConflictException", busy);
    CHECK(requests(account.deploy({"image", image})) ==
          Requests{update[0], update[0], update[1], update[1]});
}

TEST_CASE("deploy.sh waits for what an earlier run has begun and not seen through",
          "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    account.api.set_looks(4);
    const auto leave_early = [&] {
        account.stand_in("aws", "case \"$*\" in *\" wait \"*) exit 1;; esac; " + real_aws);
        CHECK(account.run_greet({"image", image}).exit == 1);
        account.api.calls();
        account.stand_in("aws", real_aws);
    };
    // The function is not made yet; then its code is being changed.
    leave_early();
    CHECK(requests(account.deploy({"image", image})) == update);
    leave_early();
    CHECK(requests(account.deploy({"image", image})) == update);
}

TEST_CASE("deploy.sh says why a function does not come to work, and mends it later",
          "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    // Once when it is made, once when it is brought up to date.
    for (const std::string reason : {"The image is for another processor", "The image is gone"}) {
        CAPTURE(reason);
        account.api.set_broken(reason);
        const auto refused = account.run_greet({"image", image});
        CHECK(refused.exit == 1);
        CHECK(contains(refused.errors, "greet is not usable: " + reason));

        account.api.set_broken("");
        account.api.calls();
        CHECK(requests(account.deploy({"image", image})) == update);
    }
}

TEST_CASE("deploy.sh says that a zip is too large for Lambda, and what helps", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    {
        // What does not compress: 52 MB of it.
        std::ifstream noise("/dev/urandom", std::ios::binary);
        std::ofstream large(account.folder() + "/large", std::ios::binary);
        std::vector<char> megabyte(1 << 20);
        for (int written = 0; written < 52; ++written) {
            noise.read(megabyte.data(), static_cast<std::streamsize>(megabyte.size()));
            large.write(megabyte.data(), static_cast<std::streamsize>(megabyte.size()));
        }
    }
    const auto direct = account.run_greet({"zip", account.folder(), "--handler", "greet.sh"});
    CHECK(direct.exit == 1);
    CHECK(contains(direct.errors, "function.zip is larger than the 50 MiB"));
    CHECK(contains(direct.errors, "--s3-bucket"));
    CHECK(account.api.calls().empty());

    const auto sent = account.deploy(
        {"zip", account.folder(), "--handler", "greet.sh", "--s3-bucket", "some-bucket"});
    REQUIRE(sent.size() == 2);
    CHECK(sent[1].text("/body/Code/S3Bucket") == "some-bucket");
}
