#include <sys/stat.h>
#include <unistd.h>

#include <elf.h>

#include "tests/support/forklift.h"
#include "tests/support/package.h"
#include "tests/support/tested_programs.h"
#include "tests/support/zip_listing.h"
#include "tests/test.h"

using namespace forklift::test;
namespace fs = std::filesystem;

/// What `forklift package` points out, and what it refuses.
/// [not-emulated]: forklift packs for the processor that it was built for, the tests for this
/// machine.
namespace {

/// What is said of a folder, without the zip being made an error.
std::string warnings(const TaskRoot& root, std::vector<std::string> arguments = {}) {
    Packaged packaged;
    package_into(packaged, root.path(), arguments);
    CHECK(packaged.exit == 0);
    CHECK(fs::exists(packaged.zip()));
    // The same with --strict is no package.
    Packaged strict;
    arguments.push_back("--strict");
    package_into(strict, root.path(), arguments);
    CHECK(strict.exit == (contains(packaged.errors, "warning:") ? 1 : 0));
    CHECK(fs::exists(strict.zip()) == (strict.exit == 0));
    return packaged.errors;
}

/// What is said of a folder that no zip can be made of.
std::string refusal(const TaskRoot& root, const std::vector<std::string>& arguments = {}) {
    Packaged packaged;
    package_into(packaged, root.path(), arguments);
    CHECK(packaged.exit == 1);
    CHECK_FALSE(fs::exists(packaged.zip()));
    CHECK(contains(packaged.errors, "forklift: error: "));
    return packaged.errors;
}

void copy_program(TaskRoot& root, const std::string& program, const std::string& name) {
    root.executable(name, read_file(helper(program)));
}

}  // namespace

TEST_CASE("scripts whose interpreter Lambda lacks are pointed out", "[not-emulated]") {
    TaskRoot root;
    root.executable("perl.pl", "#!/usr/bin/perl\n");
    root.executable("env", "#!/usr/bin/env python3\n");
    root.executable("words", "#!/usr/bin/env bash -e\n");
    root.executable("crlf", "#!/bin/sh\r\n");
    root.executable("fine", "#!/usr/bin/env bash\n");
    root.executable("layer", "#!/opt/bin/luajit\n");
    const auto said = warnings(root, {"--handler", "fine"});
    CHECK(contains(said, "warning: perl.pl: /usr/bin/perl, which the #! line names"));
    CHECK(contains(said, "warning: env: python3, which the #! line asks env for"));
    CHECK(contains(said, "warning: words: the #! line makes env look for one program"));
    CHECK(contains(said, "warning: crlf: the #! line ends with \\r\\n"));
    CHECK(contains(said, "when it is the handler"));
    CHECK_FALSE(contains(said, "fine"));
    CHECK_FALSE(contains(said, "luajit"));
}

TEST_CASE("an interpreter that comes along is not missed", "[not-emulated]") {
    TaskRoot root;
    copy_program(root, "static_program", "bin/lua");
    root.executable("absolute", "#!/var/task/bin/lua\n");
    root.executable("env", "#!/usr/bin/env lua\n");
    const auto said = warnings(root);
    CHECK_FALSE(contains(said, "warning"));
    CHECK(contains(said, "note: env: bin/lua of the zip is found only when"));
    const auto layer = warnings(root, {"--layer"});
    CHECK_FALSE(contains(layer, "env"));
}

TEST_CASE("functions in a language that Lambda has no interpreter for are pointed out",
          "[not-emulated]") {
    TaskRoot root;
    root.file("a.py", "");
    root.file("b.py", "#!/usr/bin/env python3\n");
    root.file("c.sh", "");
    const auto said = warnings(root);
    CHECK(contains(said,
                   "warning: a.py, b.py: provided.al2023 has no interpreter for functions in "
                   "Python (python3)"));
    CHECK_FALSE(contains(said, "c.sh"));
    CHECK_FALSE(contains(said, "asks env"));
    CHECK(warnings(root, {"--handler", "c.handler"}).find("a.py") == std::string::npos);
}

TEST_CASE("programs of forklift.json that Lambda lacks are pointed out", "[not-emulated]") {
    TaskRoot root;
    root.file("forklift.json", R"({"handlers": {
        "thumbnail": {"command": ["convert", "-"]}, "copy": {"command": ["cat"]},
        "perl": {"command": ["/usr/bin/perl", "x"]}, "own": {"command": ["bin/own"]},
        "inside": {"command": ["tool"], "env": {"PATH": "/var/task/tools:/usr/bin"}}}})");
    root.script("bin/own", "cat");
    root.script("tools/tool", "cat");
    const auto said = warnings(root);
    CHECK(contains(said, "warning: the handler thumbnail runs convert, which is neither in"));
    CHECK(contains(said, "warning: the handler perl runs /usr/bin/perl"));
    CHECK_FALSE(contains(said, "handler copy"));
    CHECK_FALSE(contains(said, "handler own"));
    CHECK_FALSE(contains(said, "handler inside"));
}

TEST_CASE("programs that were built against newer libraries are pointed out with the version",
          "[not-emulated]") {
    TaskRoot root;
    copy_program(root, "new_glibc", "new");
    CHECK(contains(warnings(root),
                   "warning: new needs GLIBC_2.36 of libc.so.6, and provided.al2023 "
                   "has GLIBC_2.34"));
}

TEST_CASE("programs for another machine are pointed out", "[not-emulated]") {
    TaskRoot root;
    std::string bytes = read_file(helper("static_program"));
    bytes[offsetof(Elf64_Ehdr, e_machine)] = static_cast<char>(EM_RISCV);
    root.executable("other", bytes);
    CHECK(contains(warnings(root), "warning: other is for machine 243, and the function is for"));
    bytes[EI_CLASS] = ELFCLASS32;
    root.executable("other", bytes);
    CHECK(contains(warnings(root), "32-bit"));
    bytes[EI_CLASS] = ELFCLASS64;
    root.executable("other", bytes.substr(0, 40));
    CHECK(contains(warnings(root), "warning: other begins like a program but is damaged"));
}

TEST_CASE("libraries that are neither in Lambda nor where a program looks are pointed out",
          "[not-emulated]") {
    TaskRoot root;
    copy_program(root, "needs_library", "bin/program");
    CHECK(contains(warnings(root),
                   "warning: bin/program needs libown_library.so, which is neither in"));
    copy_program(root, "libown_library.so", "bin/libown_library.so");
    CHECK(contains(warnings(root), "does not look for it where the zip has it"));
    copy_program(root, "libown_library.so", "lib/libown_library.so");
    CHECK(warnings(root).empty());
    CHECK(warnings(root, {"--layer"}).empty());
    fs::remove_all(root.path_of("lib"));
    copy_program(root, "needs_library_beside", "bin/program");
    CHECK(warnings(root).empty());
}

TEST_CASE("links stay links when they lead to something in the zip, and are refused otherwise",
          "[not-emulated]") {
    TaskRoot root;
    root.file("sub/file", "");
    fs::create_symlink("../sub", root.path_of("sub/self"));
    fs::create_symlink("/var/task/sub/file", root.path_of("absolute"));
    fs::create_directory_symlink("sub", root.path_of("folder"));
    // From a folder that is reached by a link, .. is what lies above the folder itself.
    root.file("sub/deep/er/file", "");
    fs::create_directory_symlink("sub/deep/er", root.path_of("deeper"));
    fs::create_symlink("deeper/../er/file", root.path_of("over"));
    CHECK(warnings(root).empty());
    const std::pair<const char*, const char*> wrong[] = {
        {"nothing", "is not in the zip"},
        {"../outside", "lies outside"},
        {"/etc/passwd", "absolute path"},
        {"link", "is not in the zip"},
        {"deeper/../sub/file", "is not in the zip"}};
    for (const auto& [target, said] : wrong) {
        fs::remove(root.path_of("link"));
        fs::create_symlink(target, root.path_of("link"));
        const auto errors = refusal(root);
        CHECK(contains(errors, std::string("link is a link to ") + target));
        CHECK(contains(errors, said));
    }
}

TEST_CASE("what a zip cannot hold is refused by name", "[not-emulated]") {
    TaskRoot root;
    REQUIRE(::mkfifo(root.path_of("pipe").c_str(), 0600) == 0);
    CHECK(contains(refusal(root), root.path_of("pipe") + " is a socket, a pipe or a device"));
    CHECK(warnings(root, {"--exclude", "pipe"}).empty());
    fs::remove(root.path_of("pipe"));
    root.file("bad\xff", "");
    CHECK(contains(refusal(root), "not UTF-8"));
}

TEST_CASE("a file that cannot be read is an error", "[not-emulated]") {
    if (::geteuid() == 0) {
        WARN("not tested: root can read every file");
        return;
    }
    TaskRoot root;
    root.file("secret", "x");
    fs::permissions(root.path_of("secret"), fs::perms::none);
    CHECK(contains(refusal(root), root.path_of("secret") + " cannot be read: Permission denied"));
}

TEST_CASE("handlers that nothing can answer to are refused", "[not-emulated]") {
    TaskRoot root;
    root.script("run.sh", "echo 1");
    CHECK(contains(refusal(root, {"--handler", "helo.handler"}), "helo"));
    CHECK(contains(refusal(root, {"--handler", "bin/none"}), "bin/none"));
    CHECK(contains(refusal(root, {"--handler", "run.sh", "--exclude", "run.sh"}), "run.sh"));
    CHECK(contains(refusal(root, {"--handler", std::string(129, 'x')}), "129 characters"));
    CHECK(contains(refusal(root, {"--handler", "a b"}), "white space"));
    CHECK(contains(warnings(root, {"--handler", "convert"}), "runs convert"));
    root.file("forklift.json", R"({"handlers": {"x": {"mode": "spoon"}}})");
    CHECK(contains(refusal(root), "spoon"));
}

TEST_CASE(
    "a bootstrap or shim of the user's in the place of ours is refused, unless it is the same",
    "[not-emulated]") {
    TaskRoot root;
    copy_program(root, "static_program", "bootstrap");
    CHECK(warnings(root).empty());
    root.script("bootstrap", "exit 1");
    CHECK(contains(refusal(root), "is in the way of Forklift's own bootstrap"));
    CHECK(warnings(root, {"--exclude", "bootstrap"}).empty());
    CHECK(warnings(root, {"--without-bootstrap"}).empty());
}

TEST_CASE("a bootstrap that needs libraries is taken with a warning, when it is named",
          "[not-emulated]") {
    TaskRoot root;
    root.file("file", "");
    const auto said = warnings(root, {"--bootstrap", helper("new_glibc")});
    CHECK(contains(said, "warning: " + helper("new_glibc") + " is not statically linked"));
    CHECK(contains(said, "warning: bootstrap needs GLIBC_2.36"));
}

TEST_CASE("a bootstrap that Lambda could not run is refused", "[not-emulated]") {
    TaskRoot root;
    root.file("file", "");
    const auto refuse = [&](const std::vector<std::string>& arguments) {
        Packaged packaged;
        package_into(packaged, root.path(), arguments);
        CHECK(packaged.exit == 2);
        return packaged.errors;
    };
    CHECK(contains(refuse({"--bootstrap", root.path_of("none")}), "there is no such file"));
    CHECK(contains(refuse({"--bootstrap", root.path_of("file")}), "it is not a program"));
    const std::string other = this_architecture() == "arm64" ? "x86_64" : "arm64";
    CHECK(contains(refuse({"--bootstrap", helper("static_program"), "--arch", other}),
                   "and the zip is for"));
}

TEST_CASE("a function that is too large for Lambda is refused", "[not-emulated]") {
    TaskRoot root;
    root.file("large", "");
    fs::resize_file(root.path_of("large"), 250 << 20);
    CHECK(contains(refusal(root), "Lambda takes 262144000"));
}
