#include <filesystem>
#include <fstream>

#include "tests/support/bootstrap.h"
#include "tests/support/contains.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// The templates of examples/deploy are read by parsers of their languages, and name only what
/// there is; and whatever is wrong in one is found.
namespace {

namespace fs = std::filesystem;

const std::string deploy = FORKLIFT_SOURCE_DIR "/examples/deploy/";
const std::string programs = FORKLIFT_SOURCE_DIR "/tests/programs/";
const std::string go_libraries = "/usr/share/gocode";

Finished run_checker(std::vector<std::string> argv) {
    argv.insert(argv.begin(), {"python3", "-B"});
    return run_program({.argv = std::move(argv), .environment = usual_environment()});
}

/// A file of examples/deploy in which `before` has become `after`, and what is said of that.
struct Mistake {
    std::string file;
    std::string before;
    std::string after;
    std::string told;
};

std::string with(const Mistake& mistake) {
    auto text = read_file(deploy + mistake.file);
    const auto place = text.find(mistake.before);
    REQUIRE(place != std::string::npos);
    return text.replace(place, mistake.before.size(), mistake.after);
}

/// read_hcl.go, built into `folder`; nothing where it cannot be built.
std::string build_reader(const TaskRoot& folder) {
    if (!has_tool("python3") || !has_tool("go")) return {};
    if (!fs::exists(go_libraries + "/src/github.com/hashicorp/hcl/v2")) {
        WARN("not tested: there is no golang-github-hashicorp-hcl-v2-dev here");
        return {};
    }
    auto environment = usual_environment();
    environment.insert({{"GOPATH", go_libraries},
                        {"GO111MODULE", "off"},
                        {"GOFLAGS", "-buildvcs=false"},
                        {"GOCACHE", FORKLIFT_TEST_PROGRAMS "/go-cache"}});
    const auto reader = folder.path_of("read_hcl");
    const auto built = run_program({.argv = {"go", "build", "-o", reader, programs + "read_hcl.go"},
                                    .environment = environment},
                                   std::chrono::seconds(100));
    INFO(built.errors);
    REQUIRE(built.exit == 0);
    return reader;
}

}  // namespace

TEST_CASE("the SAM templates name only what there is", "[deployment]") {
    if (!has_python_module("yaml")) return;
    for (const auto* form : {"zip", "layer", "image"}) {
        const auto checked =
            run_checker({programs + "check_sam.py", deploy + "sam/" + form + "/template.yaml"});
        CHECK(checked.output == "");
        CHECK(checked.errors == "");
        CHECK(checked.exit == 0);
    }
}

TEST_CASE("a mistake in a SAM template is found", "[deployment]") {
    if (!has_python_module("yaml")) return;
    const std::string zip = "sam/zip/template.yaml";
    const std::string layer = "sam/layer/template.yaml";
    const std::string image = "sam/image/template.yaml";
    const std::string function = "/Resources/Function/Properties";
    const Mistake mistakes[] = {
        {zip, "MemorySize: !Ref", "MemorySise: !Ref",
         function + ": there is no MemorySise; did you mean MemorySize?"},
        {zip, "      Role: !Ref RoleArn\n", "", function + ": Role is missing"},
        {image, "ImageUri: forklift-function:latest", "Timeout: 3", "Timeout comes twice"},
        {image, "      PackageType: Image\n", "", function + ": CodeUri is missing"},
        {layer, "      ContentUri: forklift-layer.zip\n", "",
         "/Resources/Layer/Properties: ContentUri is missing"},
        {zip, "      Handler: !Ref Handler", "    Handler: !Ref Handler", "line 54, column"},
        {zip, "    Properties:\n      FunctionName", "Properties:\n      FunctionName",
         "expected <block end>"},
        {zip, "      Timeout: !Ref Timeout", "    Timeout: !Ref Timeout",
         "/Resources/Function: there is no Timeout"},
        {zip, "!Ref Timeout", "!Ref Tiemout",
         function + "/Timeout: there is no Tiemout to refer to; did you mean Timeout?"},
        {zip, "!Ref AWS::NoValue", "!Ref AWS::NoValu", "did you mean AWS::NoValue?"},
        {layer, "${Architecture}", "${Architektur}",
         "/Resources/Layer/Properties/Description: there is no Architektur to refer to"},
        {zip, "!If [HasLayers", "!If [HasLayer", "there is no condition HasLayer; did you mean"},
        {zip, "!Equals [!Ref UrlAuth, NONE]", "!Equals [!Ref UrlAuth]",
         "/Conditions/IsOpen: Fn::Equals takes a list of 2"},
        {zip, "TargetFunctionArn: !Ref", "TargetFunctionArn: !Reff",
         "/Resources/Url/Properties/TargetFunctionArn: there is no function Fn::Reff"},
        {zip, "!GetAtt Url.FunctionUrl", "!GetAtt Url.FunctionURL",
         "/Outputs/Url/Value: Url has no FunctionURL; did you mean FunctionUrl?"},
        {zip, "Type: AWS::Lambda::Url", "Type: AWS::Lambda::URL", "did you mean AWS::Lambda::Url?"},
        {zip, "Runtime: provided.al2023", "Runtime: provided.al2", "but provided.al2023"},
        {zip, "    Default: no URL", "    Default: none", "is not one of AllowedValues"},
        {zip, "Action: lambda:InvokeFunction\n", "Action: lambda:InvokeFunctionUrl\n",
         "needs a permission for lambda:InvokeFunction with InvokedViaFunctionUrl"},
        {zip, "Parameters:", "Parameters: []\nMetadata:", "/Parameters: names with values belong"}};
    const TaskRoot folder;
    for (const auto& mistake : mistakes) {
        const auto file = folder.path_of("template.yaml");
        std::ofstream(file) << with(mistake);
        const auto checked = run_checker({programs + "check_sam.py", file});
        CAPTURE(mistake.before, mistake.after, checked.output, checked.errors);
        CHECK(checked.exit == 1);
        CHECK(begins_with(checked.output, file + ": "));
        CHECK(contains(checked.output, mistake.told));
    }
}

TEST_CASE("the Terraform module names only what there is, and a mistake in it is found",
          "[deployment]") {
    const TaskRoot folder;
    const auto reader = build_reader(folder);
    if (reader.empty()) return;
    const auto check = [&](const std::string& module) {
        return run_checker({programs + "check_terraform.py", reader, module});
    };
    const auto good = check(deploy + "terraform");
    CHECK(good.output == "");
    CHECK(good.errors == "");
    REQUIRE(good.exit == 0);

    const Mistake mistakes[] = {
        {"main.tf", "  memory_size ", "  memory_sise ",
         "main.tf:17: aws_lambda_function.function: there is no memory_sise; did you mean"},
        {"main.tf", "  role          = var.role_arn\n", "",
         "aws_lambda_function.function: role is missing"},
        {"main.tf", "var.timeout", "var.tiemout", "main.tf:22: there is no var.tiemout; did you"},
        {"main.tf", "local.layers", "local.layer", "there is no local.layer; did you mean"},
        {"main.tf", "aws_lambda_layer_version.forklift[*].arn", "aws_lambda_layer_version.f[*].arn",
         "main.tf:3: there is no aws_lambda_layer_version.f; did you mean"},
        {"outputs.tf", "url[*].function_url", "url[*].function_uri",
         "outputs.tf:6: aws_lambda_function_url.url: there is no function_uri; did you mean"},
        {"main.tf", "dynamic \"image_config\"", "dynamic \"image_confg\"",
         "there is no image_confg; did you mean image_config?"},
        {"main.tf", "command = [", "comand = [", "there is no comand; did you mean command?"},
        {"main.tf", "filebase64sha256(", "filebase64sha265(",
         "main.tf:12: there is no filebase64sha265"},
        {"main.tf", "function_url_auth_type = \"NONE\"\n}", "function_url_auth_type = \"NONE\"\n",
         "main.tf:"},
        {"main.tf", "\"lambda:InvokeFunctionUrl\"", "lambda:InvokeFunctionUrl",
         "main.tf:61: Missing newline"},
        {"main.tf", "  invoked_via_function_url = true\n", "",
         "needs an aws_lambda_permission for lambda:InvokeFunction with"},
        {"main.tf", "resource \"aws_lambda_function_url\" \"url\"",
         "resource \"aws_lambda_url\" \"url\"", "the type aws_lambda_url is not known here"},
        {"variables.tf", "error_message", "errormessage", "did you mean error_message?"},
        {"variables.tf", "type    = string", "type    = strin", "did you mean string?"},
        {"variables.tf", "\"timeout\"", "\"time_out\"", "variable time_out: nothing uses it"},
        {"outputs.tf", "output \"url\"", "output", "output has 1 names, not 0"}};
    for (const auto& mistake : mistakes) {
        const TaskRoot changed;
        fs::copy(deploy + "terraform", changed.path());
        std::ofstream(changed.path_of(mistake.file))
            << with({"terraform/" + mistake.file, mistake.before, mistake.after, ""});
        const auto checked = check(changed.path());
        CAPTURE(mistake.before, mistake.after, checked.output, checked.errors);
        CHECK(checked.exit == 1);
        CHECK(checked.errors == "");
        CHECK(contains(checked.output, mistake.told));
    }
}
