#include <fstream>

#include "tests/support/contains.h"
#include "tests/support/deploy_account.h"
#include "tests/support/forklift.h"
#include "tests/support/tested_programs.h"
#include "tests/support/zip_listing.h"
#include "tests/test.h"

using namespace forklift::test;

/// examples/deploy/cli/deploy.sh with the AWS CLI, against what plays Lambda's API.
/// [not-emulated]: forklift packs for the processor that it was built for.
namespace {

const auto& role = DeployAccount::role;
const auto& image = DeployAccount::image;

}  // namespace

TEST_CASE("deploy.sh makes a function of a folder, and brings it up to date", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    const auto created = account.deploy({"zip", account.folder(), "--handler", "greet.sh"});
    REQUIRE(requests(created) == creation);
    const auto& body = created[0];
    CHECK(body.text("/body/FunctionName") == "greet");
    CHECK(body.text("/body/Runtime") == "provided.al2023");
    CHECK(body.text("/body/Role") == role);
    CHECK(body.text("/body/Handler") == "greet.sh");
    CHECK(body.texts("/body/Architectures") == std::vector<std::string>{this_architecture()});
    CHECK(body.number("/body/MemorySize") == 128);
    CHECK(body.number("/body/Timeout") == 10);
    CHECK(body.size("/body/Layers") == 0);
    CHECK(names_in_zip(account.api.path_of(body.text("/body/Code/ZipFile"))) ==
          "bootstrap\ngreet.sh\n");

    const auto updated =
        account.deploy({"zip", account.folder(), "--handler", "greet.sh", "--memory", "512",
                        "--timeout", "900", "--layer", "arn:one", "--layer", "arn:two"});
    REQUIRE(requests(updated) == update);
    CHECK(list_zip(account.api.path_of(updated[0].text("/body/ZipFile"))).count("bootstrap") == 1);
    CHECK(updated[0].texts("/body/Architectures") == std::vector<std::string>{this_architecture()});
    CHECK(updated[1].text("/body/Handler") == "greet.sh");
    CHECK(updated[1].text("/body/Role") == role);
    CHECK(updated[1].number("/body/MemorySize") == 512);
    CHECK(updated[1].number("/body/Timeout") == 900);
    CHECK(updated[1].texts("/body/Layers") == std::vector<std::string>{"arn:one", "arn:two"});
}

TEST_CASE("deploy.sh publishes the layer with bootstrap once", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    const std::string layer =
        "arn:aws:lambda:eu-west-1:123456789012:layer:forklift-" + this_architecture() + ":1";
    const auto created = account.deploy({"layer", account.folder(), "--handler", "greet.sh"});
    REQUIRE(requests(created) ==
            Requests{"POST /2018-10-31/layers/forklift-" + this_architecture() + "/versions",
                     "POST /2015-03-31/functions"});
    const auto& published = created[0];
    CHECK(
        list_zip(account.api.path_of(published.text("/body/Content/ZipFile"))).count("bootstrap"));
    CHECK(published.texts("/body/CompatibleRuntimes") ==
          std::vector<std::string>{"provided.al2023"});
    CHECK(published.texts("/body/CompatibleArchitectures") ==
          std::vector<std::string>{this_architecture()});
    CHECK(names_in_zip(account.api.path_of(created[1].text("/body/Code/ZipFile"))) == "greet.sh\n");
    CHECK(created[1].texts("/body/Layers") == std::vector<std::string>{layer});

    const auto updated = account.deploy(
        {"layer", account.folder(), "--handler", "greet.sh", "--layer", "arn:interpreter"});
    REQUIRE(requests(updated) == update);
    CHECK(updated[1].texts("/body/Layers") == std::vector<std::string>{layer, "arn:interpreter"});
}

TEST_CASE("deploy.sh publishes a layer that it is given", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    const TaskRoot made;
    const auto zip = made.path_of("lua-layer.zip");
    TaskRoot files;
    files.script("bin/luajit", "exit");
    REQUIRE(run_forklift({"package", files.path(), "--layer", "-o", zip, "--bootstrap",
                          helper("static_program")})
                .exit == 0);
    const auto created =
        account.deploy({"layer", account.folder(), "--handler", "greet.sh", "--layer-zip", zip});
    REQUIRE(requests(created) ==
            Requests{"POST /2018-10-31/layers/lua-layer/versions", "POST /2015-03-31/functions"});
    CHECK(list_zip(account.api.path_of(created[0].text("/body/Content/ZipFile")))
              .count("bin/luajit") == 1);
    CHECK(created[1].texts("/body/Layers") ==
          std::vector<std::string>{"arn:aws:lambda:eu-west-1:123456789012:layer:lua-layer:1"});

    CHECK(requests(account.deploy(
              {"layer", account.folder(), "--handler", "greet.sh", "--layer-zip", zip})) == update);

    // What the layer brings is not missed.
    std::ofstream(account.folder() + "/tool") << "#!/usr/bin/env luajit\n";
    const std::vector<std::string> arguments = {"layer", account.folder(), "--handler", "greet.sh"};
    CHECK(contains(account.run_greet(arguments).errors, "luajit"));
    auto with_layer = arguments;
    with_layer.insert(with_layer.end(), {"--layer-zip", zip});
    CHECK_FALSE(contains(account.run_greet(with_layer).errors, "luajit"));
}

TEST_CASE("deploy.sh sends zips through a bucket", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    const std::vector<std::string> arguments = {"layer",    account.folder(), "--handler",
                                                "greet.sh", "--s3-bucket",    "some-bucket"};
    const auto created = account.deploy(arguments);
    REQUIRE(created.size() == 4);
    for (const auto& [sent, used] : {std::pair(0, 3), std::pair(1, 2)}) {
        const auto content = used == 3 ? "/body/Code" : "/body/Content";
        const auto key = created[used].text(std::string(content) + "/S3Key");
        CHECK(created[used].text(std::string(content) + "/S3Bucket") == "some-bucket");
        CHECK(requests(created)[sent] == "PUT /some-bucket/" + key);
        CHECK(begins_with(key, "forklift/"));
    }
    CHECK(names_in_zip(account.api.path_of(created[0].text("/body/ZipFile"))) == "greet.sh\n");

    const auto updated = account.deploy(arguments);
    REQUIRE(updated.size() == 3);
    CHECK(updated[1].text("/body/S3Bucket") == "some-bucket");
    CHECK(updated[1].text("/body/S3Key") == created[3].text("/body/Code/S3Key"));
}

TEST_CASE("deploy.sh makes a function of an image", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    const auto created = account.deploy({"image", image, "--arch", "arm64"});
    REQUIRE(requests(created) == creation);
    const auto& body = created[0];
    CHECK(body.text("/body/PackageType") == "Image");
    CHECK(body.text("/body/Code/ImageUri") == image);
    CHECK(body.texts("/body/Architectures") == std::vector<std::string>{"arm64"});
    CHECK(body.size("/body/ImageConfig") == 0);
    CHECK_FALSE(body.has("/body/Runtime"));
    CHECK_FALSE(body.has("/body/Handler"));
    CHECK_FALSE(body.has("/body/Layers"));

    const auto updated = account.deploy({"image", image, "--handler", "greet.sh"});
    REQUIRE(requests(updated) == update);
    CHECK(updated[0].text("/body/ImageUri") == image);
    CHECK(updated[1].texts("/body/ImageConfig/Command") == std::vector<std::string>{"greet.sh"});

    const auto changed =
        account.run({"zip", account.folder(), "--name", "greet", "--role", role, "--handler", "x"});
    CHECK(changed.exit == 1);
    CHECK(contains(changed.errors, "code of the type Image, which Lambda does not change"));
    CHECK(account.api.calls().empty());
}

TEST_CASE("deploy.sh gives a function a URL, and lets in whom it should", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    const auto path = std::string("/2021-10-31/functions/greet/url");
    const auto created = account.deploy({"image", image, "--url", "AWS_IAM"});
    REQUIRE(created.size() >= 2);
    CHECK(requests(created)[1] == "POST " + path);
    CHECK(created[1].text("/body/AuthType") == "AWS_IAM");
    for (const auto& request : requests(created))
        CHECK_FALSE(begins_with(request, "POST /2015-03-31/functions/greet/policy"));

    const auto opened =
        account.run({"image", image, "--name", "greet", "--role", role, "--url", "NONE"});
    const auto calls = account.api.calls();
    if (opened.exit != 0) {
        WARN("not tested: this AWS CLI is from before there was the second permission");
        CHECK(contains(opened.errors, "does not know --invoked-via-function-url"));
        CHECK(calls.empty());
        return;
    }
    REQUIRE(calls.size() == 5);
    CHECK(requests(calls)[2] == "PUT " + path);
    CHECK(calls[2].text("/body/AuthType") == "NONE");
    CHECK(calls[3].text("/body/Action") == "lambda:InvokeFunctionUrl");
    CHECK(calls[3].text("/body/FunctionUrlAuthType") == "NONE");
    CHECK(calls[4].text("/body/Action") == "lambda:InvokeFunction");
    CHECK(calls[4].boolean("/body/InvokedViaFunctionUrl"));
    CHECK(opened.output == "https://greet.lambda-url.test/\n");
}

TEST_CASE("deploy.sh names what is wrong with its arguments, and then calls nothing",
          "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    const auto check_error = [&](std::vector<std::string> arguments, const std::string& message) {
        const auto finished = account.run(std::move(arguments));
        CAPTURE(message, finished.errors);
        CHECK(finished.exit == 2);
        CHECK(contains(finished.errors, message));
    };
    const auto& folder = account.folder();
    check_error({}, "say what to deploy as");
    check_error({"jar"}, "\"jar\" is neither zip, layer nor image");
    check_error({"zip", folder}, "--name NAME is missing");
    check_error({"zip", folder, "--name", "x"}, "--role ARN is missing");
    check_error({"zip", folder, "--name", "x", "--role", "y"}, "not \"y\"");
    check_error({"zip", folder, "--name", "x", "--role", role}, "--handler HANDLER is missing");
    check_error({"zip", "--name", "x", "--role", role, "--handler", "h"}, "FOLDER is missing");
    check_error({"zip", "none", "--name", "x", "--role", role, "--handler", "h"}, "not a folder");
    check_error({"zip", folder, folder}, "one argument too many");
    check_error({"zip", "--nmae", "x"}, "there is no option --nmae");
    check_error({"zip", "--name"}, "--name is without a value");
    const std::vector<std::string> good = {"image", image, "--name", "x", "--role", role};
    const auto with = [&](const std::string& option, const std::string& value) {
        auto arguments = good;
        arguments.insert(arguments.end(), {option, value});
        return arguments;
    };
    check_error(with("--memory", "64"), "a number from 128 to 10240, not 64");
    check_error(with("--timeout", "9x"), "a number from 1 to 900, not \"9x\"");
    check_error(with("--arch", "vax"), "--arch is x86_64 or arm64, not \"vax\"");
    check_error(with("--url", "open"), "--url is AWS_IAM or NONE");
    check_error(with("--layer", "arn"), "--layer is for zip and layer");
    check_error(with("--s3-bucket", "b"), "--s3-bucket is for zip and layer");
    check_error(with("--layer-zip", "b"), "--layer-zip is only for layer");
    check_error({"layer", folder, "--name", "x", "--role", role, "--handler", "h", "--layer-zip",
                 "none.zip"},
                "no file \"none.zip\"");
    check_error(
        {"layer", folder, "--name", "x", "--role", role, "--handler", "h", "--layer-name", "a.b"},
        "not \"a.b\"");
    check_error(
        {"zip", folder, "--name", "x", "--role", role, "--handler", "h", "--s3-bucket", "B_"},
        "not \"B_\"");
    check_error({"image", "greet:1", "--name", "x", "--role", role}, "not \"greet:1\"");
    CHECK(account.run({"zip", "--help"}).exit == 0);
    CHECK(account.api.calls().empty());
}

TEST_CASE("deploy.sh makes nothing of a function that cannot be packed", "[deployment]") {
    if (!can_deploy()) return;
    DeployAccount account;
    const auto finished = account.run(
        {"zip", account.folder(), "--name", "greet", "--role", role, "--handler", "none.sh"});
    CHECK(finished.exit == 1);
    CHECK(contains(finished.errors, "none.sh"));
    CHECK(account.api.calls().empty());
}
