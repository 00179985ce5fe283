#include <filesystem>

#include "tests/support/bootstrap.h"
#include "tests/support/forklift.h"
#include "tests/support/package.h"
#include "tests/test.h"

using namespace forklift::test;
namespace fs = std::filesystem;

/// `forklift package --with-layer`: what comes with a layer is not missed.
/// [not-emulated]: forklift packs for the processor that it was built for, the tests for this
/// machine.
namespace {

/// A layer of the files in `files`, and without bootstrap unless it is one of them.
class LayerZip {
  public:
    TaskRoot files;

    std::vector<std::string> option() {
        if (!fs::exists(made_.zip()))
            package_into(made_, files.path(), {"--layer", "--without-bootstrap"});
        INFO(made_.errors);
        REQUIRE(made_.exit == 0);
        return {"--with-layer", made_.zip()};
    }

  private:
    Packaged made_;
};

std::string errors_of(const TaskRoot& root, const std::vector<std::string>& arguments,
                      int exit = 0) {
    Packaged packaged;
    package_into(packaged, root.path(), arguments);
    CHECK(packaged.exit == exit);
    CHECK(fs::exists(packaged.zip()) == (exit == 0));
    return packaged.errors;
}

}  // namespace

TEST_CASE("interpreters that come with a layer are not missed", "[not-emulated]") {
    TaskRoot root;
    root.file("hello.lua", "");
    root.executable("absolute", "#!/opt/bin/luajit\n");
    root.executable("linked", "#!/opt/tools/lua\n");
    root.executable("env", "#!/usr/bin/env luajit\n");
    LayerZip layer;
    layer.files.executable("bin/luajit", "");
    fs::create_directory(layer.files.path_of("tools"));
    fs::create_symlink("../bin/luajit", layer.files.path_of("tools/lua"));
    CHECK(contains(errors_of(root, {}), "no interpreter for functions in Lua"));
    CHECK(errors_of(root, layer.option()).empty());
}

TEST_CASE("what should be at /opt and comes with no layer is pointed out", "[not-emulated]") {
    TaskRoot root;
    root.executable("lua", "#!/opt/bin/luajit\n");
    LayerZip layer;
    layer.files.file("bin/luajit.txt", "");
    CHECK(errors_of(root, {}).empty());
    CHECK(contains(errors_of(root, layer.option()), "warning: lua: /opt/bin/luajit, which the #!"));
}

TEST_CASE("libraries that come with a layer are not missed", "[not-emulated]") {
    TaskRoot root;
    root.executable("program", read_file(helper("needs_library")));
    LayerZip layer;
    layer.files.file("lib/libown_library.so", read_file(helper("libown_library.so")));
    CHECK(contains(errors_of(root, {}), "program needs libown_library.so, which is neither"));
    CHECK_FALSE(contains(errors_of(root, layer.option()), "libown_library.so"));
}

TEST_CASE("a function without bootstrap is pointed out when no layer has one", "[not-emulated]") {
    TaskRoot root;
    root.script("greet.sh", "cat");
    LayerZip with;
    with.files.executable("bootstrap", read_file(helper("static_program")));
    LayerZip without;
    without.files.file("data", "");
    auto arguments = without.option();
    arguments.emplace_back("--without-bootstrap");
    CHECK(contains(errors_of(root, arguments), "warning: there is no bootstrap"));
    const auto more = with.option();
    arguments.insert(arguments.end(), more.begin(), more.end());
    CHECK(errors_of(root, arguments).empty());
}

TEST_CASE("a function with a bootstrap of its own needs none in a layer", "[not-emulated]") {
    TaskRoot root;
    root.executable("bootstrap", read_file(helper("static_program")));
    root.script("greet.sh", "cat");
    LayerZip layer;
    layer.files.file("data", "");
    auto arguments = layer.option();
    arguments.emplace_back("--without-bootstrap");
    CHECK(errors_of(root, arguments).empty());
    arguments.emplace_back("--layer");
    CHECK(contains(errors_of(root, arguments, 2), "--with-layer is for functions"));
}

TEST_CASE("a layer that another tool has zipped is read as Lambda unpacks it", "[not-emulated]") {
    TaskRoot root;
    root.executable("script", "#!/opt/bin/lua\n");
    TaskRoot made;
    const auto zip = made.path_of("layer.zip");
    const auto written = run_program(
        {.argv = {"python3", "-c",
                  "import sys, zipfile\n"
                  "with zipfile.ZipFile(sys.argv[1], 'w') as zip:\n"
                  "  for name in ('./', './bin/', './bin/lua'): zip.writestr(name, '')\n"
                  "  zip.writestr(zipfile.ZipInfo('x'), '')\n",
                  zip},
         .environment = usual_environment()});
    REQUIRE(written.exit == 0);
    CHECK(errors_of(root, {"--with-layer", zip}).empty());
}

TEST_CASE("the limit of what is unzipped holds for a function with its layers", "[not-emulated]") {
    TaskRoot root;
    root.file("half", "");
    fs::resize_file(root.path_of("half"), 130 << 20);
    LayerZip layer;
    layer.files.file("half", "");
    fs::resize_file(layer.files.path_of("half"), 130 << 20);
    CHECK(contains(errors_of(root, layer.option(), 1), "bytes unzipped with its layers"));
}

TEST_CASE("a layer that is no zip, is not there, or is the sixth is refused", "[not-emulated]") {
    TaskRoot root;
    root.script("greet.sh", "cat");
    const auto text = root.path_of("greet.sh");
    const auto no_zip = errors_of(root, {"--with-layer", text}, 2);
    CHECK(contains(no_zip, "--with-layer " + text + ": Not a zip archive"));
    CHECK(contains(no_zip, "it should be the zip of a layer"));
    CHECK(contains(errors_of(root, {"--with-layer", "nothing.zip"}, 2),
                   "--with-layer nothing.zip: No such file"));
    LayerZip layer;
    layer.files.file("data", "");
    std::vector<std::string> six;
    for (int i = 0; i < 6; ++i)
        for (const std::string& word : layer.option()) six.push_back(word);
    CHECK(contains(errors_of(root, six, 2), "a function has 5 layers at most"));
}
