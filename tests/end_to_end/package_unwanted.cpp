#include <sys/stat.h>

#include "tests/support/checked.h"
#include "tests/support/package.h"
#include "tests/support/zip_listing.h"
#include "tests/test.h"

using namespace forklift::test;
namespace fs = std::filesystem;

/// What should not be in a zip for Lambda, and how it is left out.
/// [not-emulated]: forklift packs for the processor that it was built for, the tests for this
/// machine.
namespace {

Packaged& package(Packaged& packaged, const TaskRoot& root,
                  std::vector<std::string> arguments = {}) {
    arguments.push_back("--without-bootstrap");
    package_into(packaged, root.path(), arguments);
    return packaged;
}

std::string warnings(const TaskRoot& root) {
    Packaged packaged;
    CHECK(package(packaged, root).exit == 0);
    return packaged.errors;
}

}  // namespace

TEST_CASE("files that look like secrets are pointed out", "[not-emulated]") {
    for (const auto* name :
         {".env", ".env.production", "conf/.env.local", "server.pem", "tls/server.key", "id_rsa",
          ".ssh/config", "home/.aws/credentials", ".netrc", ".npmrc", "terraform.tfstate",
          "terraform.tfstate.backup", "prod.tfvars", "store.p12", ".git-credentials"}) {
        CAPTURE(name);
        TaskRoot root;
        root.file(name, "x");
        root.file("fine", "x");
        const auto said = warnings(root);
        CHECK(contains(said, ": this looks like secrets"));
        CHECK(contains(said, ".forkliftignore"));
        CHECK_FALSE(contains(said, "fine"));
    }
}

TEST_CASE("files that are of no use in Lambda are pointed out", "[not-emulated]") {
    for (const auto* name : {".vscode/settings.json", ".idea/x.xml", "pkg/__pycache__/a.pyc",
                             "old.pyc", ".DS_Store", ".pytest_cache/x", ".mypy_cache/x",
                             "node_modules/.cache/x/y", "sub/node_modules/.cache/x"}) {
        CAPTURE(name);
        TaskRoot root;
        root.file(name, "x");
        CHECK(contains(warnings(root), ": this is of no use in Lambda"));
    }
}

TEST_CASE("what only looks a little like a secret is left alone", "[not-emulated]") {
    TaskRoot root;
    root.file("cacert.pem",
              "# Root\n-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n");
    for (const auto* name :
         {".env.example", "env", "environment", "id_rsa.pub", "key", "keys/readme.txt", "pem.txt",
          ".cache/x", "node_modules/cache/x", ".gitignore", "npmrc"})
        root.file(name, "x");
    CHECK(warnings(root).empty());
    root.file("cacert.pem", "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n");
    CHECK(contains(warnings(root), "warning: cacert.pem: this looks like secrets"));
}

TEST_CASE("there is one line for each kind, which says how to leave them out", "[not-emulated]") {
    TaskRoot root;
    for (const auto* name : {".env", "a.pem", "b.pem", "c.key", "d.key", ".vscode/a", ".vscode/b",
                             "__pycache__/a.pyc", "__pycache__/b.pyc"})
        root.file(name, "x");
    const auto said = warnings(root);
    CHECK(contains(said,
                   "forklift: warning: .env, a.pem, b.pem, c.key, d.key: this looks like secrets, "
                   "which everybody can read who may read the function's code; a line in "
                   ".forkliftignore leaves out what it matches, as --exclude '.env' does\n"));
    CHECK(contains(said,
                   "forklift: warning: .vscode, __pycache__: this is of no use in Lambda; a "
                   "line in .forkliftignore leaves out what it matches, as --exclude "
                   "'.vscode' does\n"));
    CHECK(std::count(said.begin(), said.end(), '\n') == 2);
    Packaged strict;
    CHECK(package(strict, root, {"--strict"}).exit == 1);
    Packaged excluded;
    package(excluded, root,
            {"--strict", "--exclude", ".env", "--exclude", "*.pem", "--exclude", "*.key",
             "--exclude", ".vscode", "--exclude", "__pycache__"});
    // There is nothing else in it.
    CHECK(contains(excluded.errors, "has no files in it"));
}

TEST_CASE(".forkliftignore leaves out what it names, and is not in the zip", "[not-emulated]") {
    TaskRoot root;
    root.file(
        ".forkliftignore",
        "# secrets\n.env*\n!.env.example\n\n/notes\n*.pyc\ncache/\ndocs/**/*.png\nno-such-file\n");
    for (const auto* name :
         {".env", ".env.example", "notes/a", "sub/notes/a", "a.pyc", "sub/b.pyc", "cache/x",
          "sub/cache", "docs/a.png", "docs/deep/b.png", "docs/a.txt", "sub/.forkliftignore"})
        root.file(name, "x");
    Packaged packaged;
    CHECK(package(packaged, root, {"--exclude", "a.txt"}).exit == 0);
    CHECK(packaged.errors.empty());
    CHECK(names_in_zip(packaged.zip()) ==
          ".env.example\ndocs/deep/\nsub/.forkliftignore\nsub/cache\nsub/notes/a\n");
}

TEST_CASE("a .forkliftignore that cannot be read as one is an error", "[not-emulated]") {
    TaskRoot root;
    root.file("file", "x");
    const auto path = root.path_of(".forkliftignore");
    const auto said = [&] {
        Packaged packaged;
        CHECK(package(packaged, root).exit == 1);
        CHECK_FALSE(fs::exists(packaged.zip()));
        fs::remove(path);
        return packaged.errors;
    };
    fs::create_directory(path);
    CHECK(contains(said(), "error: " + path + " is not a regular file"));
    checked(::mkfifo(path.c_str(), 0600), "mkfifo");
    CHECK(contains(said(), "error: " + path + " is not a regular file"));
    fs::create_symlink("/dev/zero", path);
    CHECK(contains(said(), "error: " + path + " is not a regular file"));
    fs::create_symlink("nowhere", path);
    CHECK(contains(said(), "error: " + path + " cannot be read"));
    root.file(".forkliftignore", std::string(1024 * 1024 + 1, '#'));
    CHECK(contains(said(), "error: " + path + " has more than 1048576 bytes"));
    root.file("elsewhere", "file\nelsewhere\n");
    root.file("kept", "x");
    fs::create_symlink("elsewhere", path);
    Packaged linked;
    CHECK(package(linked, root).exit == 0);
    CHECK(names_in_zip(linked.zip()) == "kept\n");
}
