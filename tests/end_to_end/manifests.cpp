#include "tests/support/bootstrap.h"
#include "tests/support/container.h"
#include "tests/support/image_store.h"
#include "tests/support/json.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// The manifests of examples/deploy for Compose, Kubernetes and Knative: what they say is held
/// against the image, and is how Podman runs it. [static]: for the images, and once will do.
namespace {

const std::string examples = FORKLIFT_SOURCE_DIR "/examples/";
const std::vector<std::string> manifests = {"compose/compose.yaml", "kubernetes/function.yaml",
                                            "knative/service.yaml"};

/// How long requests that run have to end, in seconds: docs/http.md, "In a container".
constexpr int stop_grace = 8;

std::string output_of(std::vector<std::string> argv) {
    const auto finished =
        run_program({.argv = std::move(argv), .environment = usual_environment()});
    INFO(finished.output << finished.errors);
    REQUIRE(finished.exit == 0);
    return finished.output;
}

Json read_manifest(const std::string& name) {
    return Json(output_of({"python3", FORKLIFT_SOURCE_DIR "/tests/programs/manifest.py",
                           examples + "deploy/" + name}));
}

}  // namespace

TEST_CASE("the manifests fit the image, and end it in order", "[static]") {
    if (!ImageStore::is_possible() || !has_python_module("yaml")) return;
    const ImageStore store;
    store.build("hello", "debian", examples + "python");
    CHECK(Json(store.inspect("hello")).text("/0/Config/User") == "993:990");
    for (const auto& name : manifests) {
        CAPTURE(name);
        const auto manifest = read_manifest(name);
        CHECK(contains(manifest.text("/image"), "hello"));
        // The default of PORT.
        CHECK(manifest.number("/port") == 8080);
        const auto pause = manifest.has("/pause") ? manifest.number("/pause") : 0;
        CHECK(manifest.number("/grace") > pause + stop_grace);
        CHECK((!manifest.has("/non_root") || manifest.boolean("/non_root")));
        if (manifest.has("/concurrency"))
            CHECK(manifest.text("/concurrency") ==
                  manifest.text("/variables/FORKLIFT_CONCURRENCY"));

        ContainerOptions options{manifest.texts("/podman"), {}, manifest.texts("/arguments")};
        const auto programs = ImageStore::programs_of_this_machine();
        options.podman.insert(options.podman.end(), programs.begin(), programs.end());
        options.environment["PORT"] = "0";
        const Container container(store.container("hello", options));
        CHECK(container.invoke(R"({"name":"Ada"})").body ==
              R"({"greeting":"Hello, Ada!","greeted":["Ada"]})");
    }
}

TEST_CASE("in each manifest /tmp alone can be written, and nobody becomes more", "[static]") {
    if (!has_python_module("yaml")) return;
    for (const auto& name : manifests) {
        CAPTURE(name);
        const auto options = read_manifest(name).texts("/podman");
        const auto count = [&](const std::string& beginning) {
            return std::count_if(options.begin(), options.end(), [&](const std::string& option) {
                return begins_with(option, beginning);
            });
        };
        for (const std::string option : {"--read-only-tmpfs=false", "--tmpfs=/tmp",
                                         "--cap-drop=ALL", "--security-opt=no-new-privileges"})
            CHECK(count(option) == 1);
        CHECK(std::count(options.begin(), options.end(), "--read-only") == 1);
        CHECK(count("--tmpfs") == 1);
    }
}

TEST_CASE("Docker Compose understands its manifest", "[static]") {
    if (!has_tool("docker-compose")) return;
    const auto read =
        output_of({"docker-compose", "-f", examples + "deploy/compose/compose.yaml", "config"});
    CHECK(contains(read, "stop_grace_period: 15s"));
}
