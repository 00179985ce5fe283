#include <filesystem>

#include "tests/support/bootstrap.h"
#include "tests/support/json.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::test;

/// packaging/release/sbom, with static builds and sources of the test's own.
namespace {

const std::string zeros(64, '0');

/// A static build's account of itself, in which every source is of the revision 1.0-1 but curl.
class StaticBuild {
  public:
    explicit StaticBuild(const std::string& curl) {
        for (const std::string name : {"c-ares", "libzip", "simdjson", "zlib"}) take(name, "1.0-1");
        take("curl", curl);
        root_.file("libraries/built/compiler", "c++\n");
        root_.file("libraries/built/sources", root_.path() + "\n");
        root_.file("program", "what is released\n");
    }

    std::string path() const { return root_.path(); }
    std::string program() const { return root_.path_of("program"); }
    void forget(const std::string& name) {
        std::filesystem::remove(root_.path_of("libraries/built/" + name));
    }
    /// Checks an SBOM beside the program that it names.
    Finished check(const std::string& sbom) {
        root_.file("sbom.json", sbom);
        return run_program(
            {.argv = {FORKLIFT_SOURCE_DIR "/packaging/test/sbom", root_.path_of("sbom.json")},
             .environment = usual_environment()});
    }

  private:
    void take(const std::string& name, const std::string& version) {
        // The lock's line, and what was unpacked instead of it.
        root_.file("libraries/built/" + name + ".stamp",
                   name + " 1.0-0 x " + zeros + "\nunpacked " + version + "\n");
        root_.file("downloads/" + name + "_" + version + ".dsc",
                   "Version: " + version + "\nChecksums-Sha256:\n " + zeros + " 7 " + name + "_" +
                       version + ".tar.gz\nFiles:\n");
    }

    TaskRoot root_;
};

Finished sbom_of(const std::vector<std::string>& builds, const std::string& file) {
    ProgramOptions options;
    options.argv = {FORKLIFT_SOURCE_DIR "/packaging/release/sbom", "1.2.3"};
    options.argv.insert(options.argv.end(), builds.begin(), builds.end());
    options.argv.insert(options.argv.end(), {"--", file});
    options.environment = usual_environment();
    options.environment["SOURCE_DATE_EPOCH"] = "86400";
    return run_program(options);
}

}  // namespace

TEST_CASE("the SBOM names what was built, not what the lock asks for", "[static]") {
    StaticBuild build("1.0-2");
    const auto sbom = sbom_of({build.path()}, build.program());
    INFO(sbom.errors);
    REQUIRE(sbom.exit == 0);
    CHECK(contains(sbom.output, "pkg:deb/debian/curl@1.0-2?arch=source"));
    CHECK(contains(sbom.output, "curl_1.0-2.tar.gz " + zeros));
    CHECK(contains(sbom.output, "pkg:deb/debian/zlib@1.0-1?arch=source"));
    CHECK(contains(sbom.output, "1970-01-02T00:00:00Z"));
    const auto checked = build.check(sbom.output);
    CHECK(checked.errors == "");
    CHECK(checked.exit == 0);
}

TEST_CASE("an SBOM without the C library, or without a licence, does not pass", "[static]") {
    StaticBuild build("1.0-1");
    auto sbom = sbom_of({build.path()}, build.program()).output;
    const auto without = [&](const std::string& text) {
        auto changed = sbom;
        changed.replace(changed.find(text), text.size(), "NOASSERTION");
        return build.check(changed).errors;
    };
    CHECK(contains(without("glibc"), "glibc is missing"));
    CHECK(contains(without("LGPL-2.1-or-later"), "its licence is missing"));
}

TEST_CASE("builds of different revisions have no SBOM, and neither has one of unknown sources",
          "[static]") {
    StaticBuild one("1.0-1");
    StaticBuild other("1.0-2");
    const auto two = sbom_of({one.path(), other.path()}, one.program());
    CHECK(two.exit == 1);
    CHECK(contains(two.errors, "curl is 1.0-1 in one build and 1.0-2 in " + other.path()));
    one.forget("zlib.stamp");
    const auto unknown = sbom_of({one.path()}, one.program());
    CHECK(unknown.exit == 1);
    CHECK(contains(unknown.errors, one.path() + " was built from ['c-ares', 'curl'"));
}
