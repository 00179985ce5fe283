#include "tests/support/package.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/support/bootstrap.h"
#include "tests/support/checked.h"
#include "tests/support/forklift.h"
#include "tests/support/tested_programs.h"
#include "tests/support/zip_listing.h"
#include "tests/test.h"

using namespace forklift::test;
namespace fs = std::filesystem;

/// What `forklift package` puts into a zip.
/// [not-emulated]: forklift packs for the processor that it was built for, the tests for this
/// machine.
namespace {

/// One answer of the function that the zip holds, run from what it unpacks to by its own bootstrap.
std::string answer_of_zip(const std::string& zip, const std::string& handler) {
    const TaskRoot root;
    unpack_zip(zip, root.path());
    RuntimeApiServer server;
    server.add({});
    auto program = bootstrap_program(server, root, {.handler = handler});
    program.argv.front() = root.path_of("bootstrap");
    Program bootstrap(program);
    return server.next_post().body();
}

void fill(TaskRoot& root) {
    root.script("run.sh", "echo '\"run\"'");
    root.file("data/words.txt", "words\n");
    root.file("data/Z", "z");
    root.file("data-1", "1");
    root.file("hello.sh", "handler() { echo '\"hello\"'; }\n");
    fs::create_directory(root.path_of("empty"));
    fs::create_symlink("words.txt", root.path_of("data/link"));
}

}  // namespace

TEST_CASE("a package holds the folder's files, bootstrap, and the shims of the languages used",
          "[not-emulated]") {
    TaskRoot root;
    fill(root);
    Packaged packaged;
    package_into(packaged, root.path());
    INFO(packaged.errors);
    CHECK(packaged.exit == 0);
    CHECK(packaged.errors.empty());
    CHECK(contains(packaged.output, packaged.zip()));
    CHECK(contains(packaged.output, std::to_string(fs::file_size(packaged.zip())) + " bytes"));
    CHECK(names_in_zip(packaged.zip()) ==
          "bootstrap\ndata-1\ndata/Z\ndata/link\ndata/words.txt\nempty/\nhello.sh\nrun.sh\n"
          "shims/bash.sh\n");
    const auto entries = list_zip(packaged.zip());
    CHECK(entries.at("bootstrap").mode == "100755");
    CHECK(entries.at("run.sh").mode == "100755");
    CHECK(entries.at("data-1").mode == "100644");
    CHECK(entries.at("shims/bash.sh").mode == "100644");
    CHECK(entries.at("empty/").mode == "40755");
    CHECK(entries.at("data/link").mode == "120777");
    CHECK(entries.at("data/link").text == "words.txt");
    CHECK(entries.at("data/words.txt").text == "words\n");
    for (const auto& [name, entry] : entries) CHECK(entry.time == "1980-01-01 00:00:00");
}

TEST_CASE("the handlers that are named decide on the shims", "[not-emulated]") {
    TaskRoot root;
    root.script("run.sh", "echo 1");
    root.file("hello.sh", "handler() { echo 1; }\n");
    root.file("lib/tool.py", "");
    Packaged program;
    package_into(program, root.path(), {"--handler", "run.sh"});
    CHECK(program.errors.empty());
    CHECK_FALSE(contains(names_in_zip(program.zip()), "shims"));
    Packaged function;
    package_into(function, root.path(), {"--handler", "run.sh", "--handler", "hello.handler"});
    CHECK(contains(names_in_zip(function.zip()), "shims/bash.sh\n"));
    CHECK_FALSE(contains(names_in_zip(function.zip()), "shims/python.py\n"));
    Packaged all;
    package_into(all, root.path());
    CHECK(contains(names_in_zip(all.zip()), "shims/python.py\n"));
}

TEST_CASE("the same content makes the same bytes, wherever and whenever it is packaged",
          "[not-emulated]") {
    TaskRoot one;
    TaskRoot other;
    fill(one);
    // Other times, other permissions with the same meaning, another order of making.
    const mode_t mask = ::umask(077);
    other.file("hello.sh", "handler() { echo '\"hello\"'; }\n");
    fs::create_directories(other.path_of("empty"));
    fill(other);
    ::umask(mask);
    fs::permissions(other.path_of("run.sh"), fs::perms(0700));
    const timeval times[] = {{1000000000, 0}, {1000000000, 0}};
    checked(::utimes(other.path_of("data/words.txt").c_str(), times), "utimes");
    Packaged first;
    Packaged second;
    package_into(first, one.path());
    package_into(second, other.path(), {}, {{"TZ", "Asia/Kathmandu"}, {"LC_ALL", "C.UTF-8"}});
    CHECK(first.exit == 0);
    CHECK(read_file(first.zip()) == read_file(second.zip()));
}

TEST_CASE("SOURCE_DATE_EPOCH is the time of everything in the zip", "[not-emulated]") {
    TaskRoot root;
    root.file("file", "");
    Packaged packaged;
    package_into(packaged, root.path(), {}, {{"SOURCE_DATE_EPOCH", "1000000000"}});
    CHECK(list_zip(packaged.zip()).at("file").time == "2001-09-09 01:46:40");
    Packaged wrong;
    package_into(wrong, root.path(), {}, {{"SOURCE_DATE_EPOCH", "soon"}});
    CHECK(wrong.exit == 2);
    CHECK(contains(wrong.errors, "soon"));
}

TEST_CASE("an unpacked package answers events with its own bootstrap", "[not-emulated]") {
    TaskRoot root;
    fill(root);
    Packaged packaged;
    package_into(packaged, root.path(), {"--bootstrap", tested_bootstrap()});
    REQUIRE(packaged.exit == 0);
    CHECK(answer_of_zip(packaged.zip(), "run.sh") == "\"run\"\n");
    CHECK(answer_of_zip(packaged.zip(), "hello.handler") == "\"hello\"\n");
}

TEST_CASE("a layer has bootstrap and every shim, and goes without a folder", "[not-emulated]") {
    Packaged layer;
    package_into(layer, "", {"--layer"});
    CHECK(layer.exit == 0);
    CHECK(layer.errors.empty());
    CHECK(names_in_zip(layer.zip()) ==
          "bootstrap\nshims/bash.sh\nshims/lua.lua\nshims/node.mjs\nshims/perl.pl\n"
          "shims/python.py\nshims/ruby.rb\n");
}

TEST_CASE("a function for the layer goes without bootstrap and shims", "[not-emulated]") {
    TaskRoot root;
    fill(root);
    Packaged packaged;
    package_into(packaged, root.path(), {"--without-bootstrap"});
    CHECK(packaged.exit == 0);
    const auto names = names_in_zip(packaged.zip());
    CHECK_FALSE(contains(names, "bootstrap"));
    CHECK_FALSE(contains(names, "shims"));
    CHECK(contains(names, "hello.sh\n"));
}

TEST_CASE("scripts and programs that lost their execute permission have it in the zip",
          "[not-emulated]") {
    TaskRoot root;
    root.file("handler.sh", "#!/bin/sh\necho 1\n");
    root.file("program", read_file(helper("static_program")));
    root.file("crlf.sh", "#!/bin/sh\r\necho 1\r\n");
    root.file("main.rs", "#![allow(unused)]\n");
    Packaged packaged;
    package_into(packaged, root.path());
    CHECK(packaged.exit == 0);
    CHECK(contains(packaged.errors, "note: handler.sh, program had no execute permission"));
    const auto entries = list_zip(packaged.zip());
    CHECK(entries.at("handler.sh").mode == "100755");
    CHECK(entries.at("program").mode == "100755");
    // bootstrap runs it through its interpreter; the kernel could not.
    CHECK(entries.at("crlf.sh").mode == "100644");
    CHECK(entries.at("main.rs").mode == "100644");
}

TEST_CASE("names beyond ASCII are marked as UTF-8", "[not-emulated]") {
    TaskRoot root;
    root.file(
        "gr\xc3\xbc\xc3\x9f"
        "e.txt",
        "");
    root.file("plain \"'$(id)\\.txt", "");
    Packaged packaged;
    package_into(packaged, root.path());
    CHECK(packaged.exit == 0);
    const auto entries = list_zip(packaged.zip());
    CHECK(entries
              .at("gr\xc3\xbc\xc3\x9f"
                  "e.txt")
              .utf8);
    CHECK(entries.count("plain \"'$(id)\\.txt") == 1);
}

TEST_CASE("what is to be left out is left out", "[not-emulated]") {
    TaskRoot root;
    root.file("keep.txt", "");
    root.file(".git/config", "");
    root.file("sub/.git", "");
    root.file("sub/a.pyc", "");
    root.file("tests/a.txt", "");
    root.file("lib/x.a", "");
    Packaged packaged;
    package_into(packaged, root.path(),
                 {"--exclude", "*.pyc", "--exclude", "tests", "--exclude", "lib/*.a"});
    CHECK(packaged.errors.empty());
    CHECK(names_in_zip(packaged.zip()) == "bootstrap\nkeep.txt\nlib/\nsub/\n");
    Packaged unused;
    package_into(unused, root.path(), {"--exclude", "*.pem"});
    CHECK(contains(unused.errors, "warning: --exclude *.pem matches no file"));
}

TEST_CASE("the zip may lie in the folder, and is not packed into itself", "[not-emulated]") {
    TaskRoot root;
    root.file("file", "");
    for (int i = 0; i < 2; ++i) {
        const auto finished = run_forklift(
            {"package", ".", "-o", "function.zip", "--without-bootstrap"}, root.path());
        CHECK(finished.exit == 0);
        CHECK(names_in_zip(root.path_of("function.zip")) == "file\n");
    }
}

TEST_CASE("a large file needs no more memory than a small one", "[not-emulated]") {
    if (is_sanitized()) {
        WARN("not tested: sanitizers need more memory than the limit leaves");
        return;
    }
    TaskRoot root;
    constexpr off_t size = 240 << 20;
    root.file("large", "");
    fs::resize_file(root.path_of("large"), size);
    Packaged packaged;
    const auto finished =
        run_program({.argv = {"prlimit", "--data=" + std::to_string(64 << 20), tested_forklift(),
                              "package", root.path(), "-o", packaged.zip(), "--without-bootstrap"},
                     .environment = usual_environment()});
    INFO(finished.errors);
    CHECK(finished.exit == 0);
    CHECK(contains(finished.output, std::to_string(size) + " unzipped"));
}
