#include <filesystem>

#include "tests/support/bootstrap.h"
#include "tests/support/empty_root.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/tested_programs.h"
#include "tests/support/tools.h"
#include "tests/support/worker.h"
#include "tests/support/zip_listing.h"
#include "tests/test.h"

using namespace forklift::test;

/// The layer that packaging/layers/lua makes, in a root with nothing but the layer, the function
/// and /tmp: no shell, no C library, no /proc and no /dev.
namespace {

/// The exit status of packaging/layers/lua for that.
constexpr int no_packages = 69;

namespace fs = std::filesystem;

/// Makes the layer; false when Debian's packages cannot be had here, which is told.
bool make_layer(const std::string& zip, const std::vector<std::string>& options = {
                                            "--bootstrap", static_program("bootstrap")}) {
    for (const auto* tool : {"apt-get", "patchelf", "unzip", "unshare"})
        if (!has_tool(tool)) return false;
    ProgramOptions program;
    program.argv = {FORKLIFT_SOURCE_DIR "/packaging/layers/lua", "-o", zip, "--forklift",
                    tested_forklift()};
    program.argv.insert(program.argv.end(), options.begin(), options.end());
    program.environment = usual_environment();
    const auto finished = run_program(program, std::chrono::seconds(100));
    INFO(finished.output << finished.errors);
    if (finished.exit == no_packages) {
        WARN("not tested: Debian's packages cannot be had here: " << finished.errors);
        return false;
    }
    REQUIRE(finished.exit == 0);
    return true;
}

class LayerRoot {
  public:
    LayerRoot() {
        const TaskRoot made;
        if (!make_layer(made.path_of("layer.zip"))) return;
        fs::create_directories(files_.path_of("tmp"));
        unpack_zip(made.path_of("layer.zip"), files_.path_of("opt"));
        is_made_ = true;
    }

    /// Is there a layer in it? Where not, that has been told.
    bool is_made() const { return is_made_; }

    TaskRoot& files() { return files_; }

    /// bootstrap as Lambda starts it from a layer, with Lambda's PATH and LD_LIBRARY_PATH.
    ProgramOptions bootstrap(const RuntimeApiServer& server, const std::string& handler) const {
        ProgramOptions options;
        options.argv = in_root(files_.path(), "/opt/bootstrap");
        options.environment = {
            {"AWS_LAMBDA_RUNTIME_API", server.address()},
            {"LAMBDA_TASK_ROOT", "/var/task"},
            {"_HANDLER", handler},
            {"PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin"},
            {"LD_LIBRARY_PATH",
             "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/"
             "lib:/opt/lib"}};
        return options;
    }

    /// The init error of a function that cannot start.
    Request init_error(const std::string& handler) const {
        RuntimeApiServer server;
        Program bootstrap(this->bootstrap(server, handler));
        auto post = server.next_post();
        INFO(bootstrap.errors());
        CHECK(post.path == "/2018-06-01/runtime/init/error");
        CHECK(bootstrap.wait().exit == 1);
        CHECK(server.polls() == 0);
        return post;
    }

  private:
    TaskRoot files_;
    bool is_made_ = false;
};

const std::string greet = read_file(FORKLIFT_SOURCE_DIR "/examples/lua/hello.lua");

}  // namespace

TEST_CASE("a Lua function runs from the Lua layer where there is nothing else", "[static]") {
    LayerRoot root;
    if (!root.is_made()) return;
    root.files().file("var/task/hello.lua", greet);
    RuntimeApiServer server;
    server.add({.payload = R"({"name":"Ada"})", .id = "first"});
    server.add({.payload = R"({"name":"Grace"})", .id = "second"});
    server.add({.payload = "{}", .id = "third"});
    Program bootstrap(root.bootstrap(server, "hello.handler"));
    CHECK(server.next_post().body() == R"({"greeting":"Hello, Ada!"})");
    CHECK(server.next_post().body() == R"({"greeting":"Hello, Grace!"})");
    const auto failed = server.next_post();
    CHECK(failed.path == error_path("third"));
    CHECK(error_type(failed) == "Greeting.NoName");
    server.wait_until_idle();
    bootstrap.wait_for_errors("first greets Ada\n");
}

TEST_CASE("what cannot start from the Lua layer is an init error", "[static]") {
    LayerRoot root;
    if (!root.is_made()) return;
    root.files().file("var/task/hello.lua", greet);
    root.files().file("var/task/wrong.lua", "return {\n");
    root.files().file("var/task/lost.lua", "return require 'nothing'\n");

    const auto no_function = root.init_error("hello.farewell");
    CHECK(error_type(no_function) == "Runtime.HandlerNotFound");
    CHECK(contains(error_message(no_function), "hello.lua has no function 'farewell'"));
    CHECK(contains(error_message(no_function), "it has handler"));

    const auto no_file = root.init_error("nobody.handler");
    CHECK(error_type(no_file) == "Runtime.NoSuchHandler");
    CHECK(contains(error_message(no_file), "/var/task/nobody"));

    const auto syntax = root.init_error("wrong.handler");
    CHECK(error_type(syntax) == "Runtime.UserCodeSyntaxError");
    CHECK(contains(error_message(syntax), "wrong.lua:2:"));

    const auto no_module = root.init_error("lost.handler");
    CHECK(error_type(no_module) == "Runtime.ImportModuleError");
    CHECK(contains(error_message(no_module), "module 'nothing' not found"));
}

TEST_CASE("the Lua layer's C library serves whatever the host has for one", "[static]") {
    LayerRoot root;
    if (!root.is_made()) return;
    root.files().file("var/task/hello.lua", greet);
    // A loader that takes any of these fails.
    for (const std::string folder : {"lib64/", "usr/lib64/", "opt/lib/", "var/task/lib/"})
        for (const std::string library : {"libc.so.6", "libm.so.6", "libgcc_s.so.1"})
            root.files().file(folder + library, "not a library\n");
    RuntimeApiServer server;
    server.add({.payload = R"({"name":"Ada"})"});
    Program bootstrap(root.bootstrap(server, "hello.handler"));
    CHECK(server.next_post().body() == R"({"greeting":"Hello, Ada!"})");
}

// An emulated program cannot start an emulated one without the kernel's help: LuaJIT's emulator is
// started by a script, on the machine's own file system, and only the layer's files are the
// layer's.
TEST_CASE("the Lua layer for arm64 answers an event in an emulator", "[static]") {
    const std::string bootstrap = FORKLIFT_SOURCE_DIR "/build/static-arm64/bootstrap";
    if (!has_tool("qemu-aarch64")) return;
    if (!fs::exists(bootstrap)) {
        WARN("not tested: there is no " << bootstrap << "; ./dev arm64 makes it");
        return;
    }
    TaskRoot root;
    if (!make_layer(root.path_of("layer.zip"), {"--arch", "arm64", "--bootstrap", bootstrap}))
        return;
    unpack_zip(root.path_of("layer.zip"), root.path_of("opt"));
    root.script("bin/luajit", "exec qemu-aarch64 -L \"" + root.path() + "\" \"" +
                                  root.path_of("opt/bin/luajit") + "\" \"$@\"");
    root.file("task/hello.lua", greet);

    RuntimeApiServer server;
    server.add({.payload = R"({"name":"Ada"})"});
    ProgramOptions options;
    options.argv = {"qemu-aarch64", root.path_of("opt/bootstrap")};
    options.environment = {{"AWS_LAMBDA_RUNTIME_API", server.address()},
                           {"LAMBDA_TASK_ROOT", root.path_of("task")},
                           {"_HANDLER", "hello.handler"},
                           {"LUA_PATH", root.path_of("opt/share/lua/5.1/?.lua")},
                           {"PATH", root.path_of("bin") + ":" + usual_environment()["PATH"]}};
    Program started(options);
    CHECK(server.next_post().body() == R"({"greeting":"Hello, Ada!"})");
}

TEST_CASE("the Lua layer of the same packages is the same bytes, with their licences", "[static]") {
    TaskRoot made;
    if (!make_layer(made.path_of("one.zip")) || !make_layer(made.path_of("other.zip"))) return;
    CHECK(read_file(made.path_of("one.zip")) == read_file(made.path_of("other.zip")));
    const auto names = run_program({.argv = {"unzip", "-Z1", made.path_of("one.zip")},
                                    .environment = usual_environment()})
                           .output;
    for (const std::string package : {"luajit", "lua-dkjson", "libc6", "libgcc-s1"})
        CHECK(contains(names, "share/doc/" + package + "/copyright\n"));
    // Which these refer to.
    CHECK(contains(names, "share/doc/common-licenses/LGPL-2.1\n"));
}
