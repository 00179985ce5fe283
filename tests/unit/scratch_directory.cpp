#include "process/scratch_directory.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>

#include "process/file.h"
#include "tests/test.h"

using namespace forklift::process;
namespace fs = std::filesystem;

namespace {

ScratchDirectory make() {
    std::error_code error;
    auto scratch = ScratchDirectory::make(error);
    REQUIRE(scratch);
    return std::move(*scratch);
}

/// While it lives, no descriptor can be opened.
class NoDescriptors {
  public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("an empty scratch directory needs no descriptor to go, and a full one can go later") {
    auto empty = make();
    auto full = make();
    REQUIRE_FALSE(write_file(full.path() + "/a", "x"));
    const std::string path = full.path();
    std::error_code error_of_empty;
    std::error_code error_of_full;
    {
        const NoDescriptors none;
        error_of_empty = empty.remove();
        error_of_full = full.remove();
    }
    CHECK_FALSE(error_of_empty);
    CHECK(error_of_full == std::errc::too_many_files_open);
    CHECK(fs::exists(path));
    CHECK_FALSE(full.remove());
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a scratch directory is private and goes with its object") {
    std::string path;
    {
        const auto scratch = make();
        path = scratch.path();
        struct stat info {};
        REQUIRE(::stat(path.c_str(), &info) == 0);
        CHECK((info.st_mode & 0777) == 0700);
        CHECK_FALSE(write_file(path + "/a", "x"));
    }
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a scratch directory goes with all that a program left, but no further than its links") {
    const auto other = make();
    REQUIRE_FALSE(write_file(other.path() + "/kept", "x"));
    auto scratch = make();
    fs::create_directories(scratch.path() + "/a/b/c");
    fs::create_symlink(other.path(), scratch.path() + "/a/link");
    fs::create_symlink("/nowhere", scratch.path() + "/a/b/dangling");
    REQUIRE_FALSE(write_file(scratch.path() + "/a/b/file", "x"));
    fs::permissions(scratch.path() + "/a/b", fs::perms::none);
    const std::string path = scratch.path();
    CHECK_FALSE(scratch.remove());
    CHECK_FALSE(fs::exists(path));
    CHECK(fs::exists(other.path() + "/kept"));
}

TEST_CASE("only a plain file is read, and no more of it than asked for") {
    const auto scratch = make();
    const std::string path = scratch.path() + "/file";
    REQUIRE_FALSE(write_file(path, "12345"));
    std::error_code error;
    CHECK(read_plain_file(path, 5, error) == "12345");
    CHECK(read_plain_file(path, 3, error) == "1234");
    CHECK_FALSE(error);
    CHECK(write_file(path, "again") == std::errc::file_exists);
    fs::create_symlink(path, scratch.path() + "/link");
    REQUIRE(::mkfifo((scratch.path() + "/fifo").c_str(), 0600) == 0);
    for (const auto* name : {"/link", "/fifo", "/missing", ""}) {
        CAPTURE(name);
        error.clear();
        read_plain_file(scratch.path() + name, 5, error);
        CHECK(error);
    }
}
