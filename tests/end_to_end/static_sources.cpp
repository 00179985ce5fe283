#include <filesystem>

#include "tests/support/bootstrap.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::test;

/// packaging/static/sources, with an archive of the test's own that holds one source package.
namespace {

/// Makes the source package "tiny" of the revision $1 of 1.0: a file that says "one", and Debian's
/// patch that makes it "two". It takes the place of the revision before.
constexpr const char* make_revision = R"(set -e
rm -rf tiny-1.0 tiny_1.0-*
mkdir -p tiny-1.0/debian/source tiny-1.0/debian/patches
echo one >tiny-1.0/file
[ -f tiny_1.0.orig.tar.gz ] || tar czf tiny_1.0.orig.tar.gz --exclude debian tiny-1.0
cd tiny-1.0/debian
echo '3.0 (quilt)' >source/format
printf '%s\n' 'Source: tiny' 'Maintainer: T <t@example.com>' '' 'Package: tiny' 'Architecture: all' \
  'Description: tiny' >control
printf '%s\n' "tiny (1.0-$1) unstable; urgency=low" '' '  * Revision.' '' \
  ' -- T <t@example.com>  Thu, 01 Jan 2026 00:00:00 +0000' >changelog
printf '%s\n' '#!/usr/bin/make -f' >rules
printf '%s\n' '--- a/file' '+++ b/file' '@@ -1 +1 @@' -one +two >patches/two.patch
echo two.patch >patches/series
cd ../..
dpkg-source -b tiny-1.0
rm -rf tiny-1.0
dpkg-scansources . >Sources
)";

class Archive {
  public:
    Archive() {
        root_.file("archive/make", make_revision);
        root_.file("list", "deb [trusted=yes] file:" + root_.path_of("archive") + " ./\n");
        // What the script takes for the machine's own package sources.
        root_.file("apt.conf", "Dir::Etc::sourcelist \"" + root_.path_of("list") +
                                   "\";\nDir::Etc::sourceparts \"" + root_.path_of("none") +
                                   "\";\n");
        root_.file("lock", "# A comment stays.\ntiny\n");
        offer("1");
        CHECK(run({"renew"}).exit == 0);
    }

    /// From now on this revision is to be had, and no other.
    void offer(const std::string& revision) {
        const auto made = run_program({.argv = {"sh", "make", revision},
                                       .environment = usual_environment(),
                                       .directory = root_.path_of("archive")});
        INFO(made.errors);
        REQUIRE(made.exit == 0);
    }

    Finished run(const std::vector<std::string>& words) {
        ProgramOptions options;
        options.argv = {FORKLIFT_SOURCE_DIR "/packaging/static/sources", words.at(0),
                        root_.path_of("sources"), "--lock", root_.path_of("lock")};
        options.argv.insert(options.argv.end(), words.begin() + 1, words.end());
        options.environment = usual_environment();
        options.environment["APT_CONFIG"] = root_.path_of("apt.conf");
        return run_program(options);
    }

    /// As on a machine where nothing has been fetched yet.
    void forget_sources() { std::filesystem::remove_all(root_.path_of("sources")); }

    std::string unpacked() const { return read_file(root_.path_of("sources/tiny/file")); }
    std::string lock() const { return read_file(root_.path_of("lock")); }
    void set_lock(const std::string& text) { root_.file("lock", text); }

  private:
    TaskRoot root_;
};

/// The lock with another SHA-256 for the upstream tarball.
std::string with_wrong_tarball(std::string lock) {
    const auto tarball = lock.find(".orig.tar.gz ");
    REQUIRE(tarball != lock.npos);
    const auto digit = lock.find('\n', tarball) - 1;
    lock[digit] = lock[digit] == '0' ? '1' : '0';
    return lock;
}

}  // namespace

TEST_CASE("sources are unpacked with Debian's patches, as the lock has them", "[static]") {
    Archive archive;
    CHECK(begins_with(archive.lock(), "# A comment stays.\ntiny 1.0-1 tiny_1.0-1.dsc "));
    const auto fetched = archive.run({"fetch"});
    INFO(fetched.errors);
    CHECK(fetched.exit == 0);
    CHECK(archive.unpacked() == "two\n");
}

TEST_CASE("sources that are there need no archive", "[static]") {
    Archive archive;
    CHECK(archive.run({"fetch"}).exit == 0);
    archive.offer("2");
    CHECK(archive.run({"fetch"}).exit == 0);
}

TEST_CASE("a file with another SHA-256 than the lock's is not unpacked", "[static]") {
    Archive archive;
    archive.set_lock(with_wrong_tarball(archive.lock()));
    archive.forget_sources();
    const auto fetched = archive.run({"fetch"});
    CHECK(fetched.exit == 1);
    CHECK(contains(fetched.errors, "tiny_1.0.orig.tar.gz of tiny has the SHA-256"));
    CHECK_THROWS(archive.unpacked());
}

TEST_CASE("a revision that is gone is an error that says how to renew the lock", "[static]") {
    Archive archive;
    archive.forget_sources();
    archive.offer("2");
    const auto fetched = archive.run({"fetch"});
    CHECK(fetched.exit == 1);
    CHECK(contains(fetched.errors, "tiny 1.0-1 is no longer to be had; 1.0-2 is"));
    CHECK(contains(fetched.errors, "packaging/static/sources renew"));
    CHECK(archive.run({"renew"}).exit == 0);
    CHECK(contains(archive.lock(), "tiny 1.0-2 tiny_1.0-2.dsc "));
    CHECK(archive.run({"fetch"}).exit == 0);
}

TEST_CASE("a newer revision is taken when that is asked for, with a warning", "[static]") {
    Archive archive;
    archive.forget_sources();
    archive.offer("2");
    const auto fetched = archive.run({"fetch", "--newer-revision"});
    CHECK(fetched.exit == 0);
    CHECK(contains(fetched.errors, "tiny 1.0-2 instead of 1.0-1"));
    CHECK(archive.unpacked() == "two\n");
    // It is there now, but not what the lock says.
    CHECK(archive.run({"fetch", "--newer-revision"}).errors == "");
    CHECK(archive.run({"fetch"}).exit == 1);
}

TEST_CASE("a newer revision must have the upstream tarball of the lock", "[static]") {
    Archive archive;
    archive.set_lock(with_wrong_tarball(archive.lock()));
    archive.forget_sources();
    archive.offer("2");
    const auto fetched = archive.run({"fetch", "--newer-revision"});
    CHECK(fetched.exit == 1);
    CHECK(contains(fetched.errors, "tiny_1.0.orig.tar.gz of tiny has the SHA-256"));
}
