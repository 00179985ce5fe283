#include "local/package/exclusion.h"
#include "local/package/ignore_rules.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::package;

namespace {

bool leaves_out(const std::string& rules, const std::string& path) {
    const bool is_folder = path.ends_with('/');
    return IgnoreRules(rules).leave_out(is_folder ? path.substr(0, path.size() - 1) : path,
                                        is_folder);
}

}  // namespace

TEST_CASE("a pattern without a slash is held against the names in any folder") {
    for (const char* path : {"a.log", "deep/er/a.log", ".log", "a.log/"})
        CHECK(leaves_out("*.log", path));
    for (const char* path : {"a.log.txt", "log", "a.lo"}) CHECK_FALSE(leaves_out("*.log", path));
    CHECK(leaves_out("?.log", "deep/a.log"));
    CHECK_FALSE(leaves_out("?.log", "ab.log"));
    CHECK(leaves_out("[a-c]x", "bx"));
    CHECK_FALSE(leaves_out("[!a-c]x", "bx"));
    CHECK_FALSE(leaves_out("[^a-c]x", "bx"));
    CHECK_FALSE(leaves_out("[a-c", "b"));
}

TEST_CASE("a pattern with a slash is held against the path in the folder") {
    CHECK(leaves_out("/build", "build"));
    CHECK_FALSE(leaves_out("/build", "sub/build"));
    CHECK(leaves_out("docs/*.png", "docs/a.png"));
    CHECK_FALSE(leaves_out("docs/*.png", "docs/deep/a.png"));
    CHECK_FALSE(leaves_out("docs/*.png", "sub/docs/a.png"));
    CHECK_FALSE(leaves_out("docs?a.png", "docs/a.png"));
    CHECK_FALSE(leaves_out("/", "build"));
}

TEST_CASE("a pattern with a slash at its end is for folders alone") {
    CHECK(leaves_out("cache/", "cache/"));
    CHECK(leaves_out("cache/", "deep/cache/"));
    CHECK_FALSE(leaves_out("cache/", "cache"));
    CHECK(leaves_out("deep/cache/", "deep/cache/"));
    CHECK_FALSE(leaves_out("deep/cache/", "er/deep/cache/"));
}

TEST_CASE("two stars are any number of folders") {
    for (const char* path : {"a/x", "x", "a/b/c/x"}) CHECK(leaves_out("**/x", path));
    for (const char* path : {"a/x", "a/b/x", "a/b/c/x"}) CHECK(leaves_out("a/**/x", path));
    CHECK_FALSE(leaves_out("a/**/x", "b/x"));
    CHECK_FALSE(leaves_out("a/**/x", "a/xx"));
    CHECK(leaves_out("a/**", "a/b"));
    CHECK(leaves_out("a/**", "a/b/c"));
    CHECK_FALSE(leaves_out("a/**", "a/"));
    CHECK(leaves_out("a/**/b/**/c", "a/b/x/b/y/c"));
    CHECK(leaves_out("**", "a"));
    CHECK(leaves_out("a**b", "axxb"));
    CHECK_FALSE(leaves_out("a**b", "a/b"));
    // Many stars take no time.
    std::string stars = "**/a";
    std::string path = "a";
    for (int i = 0; i < 200; ++i) {
        stars += "/**/a";
        path += "/a";
    }
    CHECK_FALSE(leaves_out(stars + "/b", path));
}

TEST_CASE("the last pattern that matches decides") {
    const std::string rules = "*.pem\n!public.pem\nsecret/public.pem\n";
    CHECK(leaves_out(rules, "server.pem"));
    CHECK_FALSE(leaves_out(rules, "public.pem"));
    CHECK_FALSE(leaves_out(rules, "keys/public.pem"));
    CHECK(leaves_out(rules, "secret/public.pem"));
    CHECK_FALSE(leaves_out("!a", "a"));
}

TEST_CASE("comments, empty lines, and spaces at the end mean nothing, unless they are escaped") {
    CHECK_FALSE(leaves_out("# a\n\n   \n#a", "#a"));
    CHECK(leaves_out("\\#a", "#a"));
    CHECK(leaves_out("\\!a", "!a"));
    CHECK(leaves_out("a  ", "a"));
    CHECK(leaves_out("a\\ ", "a "));
    CHECK(leaves_out("a\r\nb\r\n", "b"));
    CHECK(
        leaves_out("\xef\xbb\xbf"
                   "a\n",
                   "a"));
    CHECK(leaves_out("\\*", "*"));
    CHECK_FALSE(leaves_out("\\*", "a"));
    CHECK_FALSE(leaves_out("", "a"));
    CHECK_FALSE(leaves_out("a\\", "a"));
}

TEST_CASE("what the command line leaves out no rule takes back") {
    Exclusion exclusion({"*.pem"}, IgnoreRules("!a.pem\n!.git\n!.forkliftignore\nnotes/"));
    CHECK(exclusion.matches("a.pem"));
    CHECK(exclusion.matches(".git"));
    CHECK(exclusion.matches(".forkliftignore"));
    CHECK(exclusion.matches("notes", true));
    CHECK_FALSE(exclusion.matches("notes"));
    CHECK_FALSE(exclusion.matches("sub/.forkliftignore"));
}

TEST_CASE("without a file nothing is left out") {
    const forklift::test::TaskRoot root;
    Findings findings;
    CHECK_FALSE(read_ignore_file(root.path(), findings).leave_out("a", false));
    CHECK(findings.errors.empty());
}
