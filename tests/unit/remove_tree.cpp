#include "process/remove_tree.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/support/task_root.h"
#include "tests/test.h"

using forklift::process::remove_tree;
namespace fs = std::filesystem;

namespace {

/// Makes folders in each other, deeper than any path may be long, with a file in each.
void make_deep(const std::string& top, int depth) {
    fs::create_directory(top);
    int at = ::open(top.c_str(), O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < depth; ++i) {
        ::close(::openat(at, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
        REQUIRE(::mkdirat(at, "folder", 0700) == 0);
        const int inner = ::openat(at, "folder", O_DIRECTORY | O_CLOEXEC);
        ::close(at);
        at = inner;
    }
    ::close(at);
}

/// Few descriptors for as long as it lives.
struct FewDescriptors {
    FewDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before);
        const rlimit few{16, before.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &few);
    }
    ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before); }
    rlimit before{};
};

}  // namespace

TEST_CASE("a folder is removed however deep it is") {
    forklift::test::TaskRoot root;
    make_deep(root.path_of("deep"), 3000);
    const FewDescriptors few;
    CHECK_FALSE(remove_tree(root.path_of("deep")));
    CHECK_FALSE(fs::exists(root.path_of("deep")));
}

TEST_CASE("what links lead to stays when they are removed") {
    forklift::test::TaskRoot root;
    root.file("kept/file", "1");
    fs::create_directory(root.path_of("folder"));
    fs::create_symlink(root.path_of("kept"), root.path_of("folder/link"));
    fs::create_symlink("/nowhere", root.path_of("folder/broken"));
    CHECK_FALSE(remove_tree(root.path_of("folder")));
    CHECK_FALSE(fs::exists(root.path_of("folder")));
    CHECK(fs::exists(root.path_of("kept/file")));
    fs::create_symlink(root.path_of("kept"), root.path_of("link"));
    CHECK(remove_tree(root.path_of("link")));
    CHECK(fs::exists(root.path_of("kept/file")));
}

TEST_CASE("a folder of all kinds of things is removed") {
    forklift::test::TaskRoot root;
    for (int i = 0; i < 200; ++i) root.file("folder/" + std::to_string(i) + "/file", "1");
    REQUIRE(::mkfifo(root.path_of("folder/pipe").c_str(), 0600) == 0);
    fs::create_directories(root.path_of("folder/empty/inner"));
    CHECK_FALSE(remove_tree(root.path_of("folder")));
    CHECK_FALSE(fs::exists(root.path_of("folder")));
}

TEST_CASE("folders that not even their owner may change are removed") {
    forklift::test::TaskRoot root;
    root.file("folder/a/b/file", "1");
    for (const char* name : {"folder/a/b", "folder/a", "folder"})
        fs::permissions(root.path_of(name), fs::perms::none);
    // Root may do everything anyway.
    CHECK_FALSE(remove_tree(root.path_of("folder")));
    CHECK_FALSE(fs::exists(root.path_of("folder")));
}

TEST_CASE("what is no folder, or not there, is not removed") {
    forklift::test::TaskRoot root;
    root.file("file", "1");
    CHECK(remove_tree(root.path_of("file")));
    CHECK(remove_tree(root.path_of("nothing")));
    CHECK(fs::exists(root.path_of("file")));
}
