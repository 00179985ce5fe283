#include <string>
#include <vector>

#include "local/package/exclusion.h"
#include "local/package/image.h"
#include "local/package/place.h"
#include "local/package/shebang.h"
#include "tests/test.h"

using namespace forklift::package;

namespace {

Content content_of(const std::vector<std::string>& names, const char* root = "/var/task") {
    Content content(root);
    for (const std::string& name : names) {
        Entry entry;
        const auto arrow = name.find(" -> ");
        entry.name = name.substr(0, arrow);
        if (arrow != name.npos) {
            entry.kind = Entry::Kind::link;
            entry.target = name.substr(arrow + 4);
        }
        content.add(entry);
    }
    content.sort();
    return content;
}

/// The name in the zip, "outside PATH" or "nowhere".
std::string led_to(const Content& content, const std::string& path) {
    const auto led = content.follow(path);
    if (led.where == Destination::Where::inside) return led.path;
    return led.where == Destination::Where::outside ? "outside " + led.path : "nowhere";
}

bool is_excluded(const std::string& glob, const std::string& path) {
    return Exclusion({glob}).matches(path);
}

}  // namespace

TEST_CASE("a #! line is taken apart as the kernel does") {
    CHECK(read_shebang("#!/bin/sh\necho")->interpreter == "/bin/sh");
    CHECK(read_shebang("#! \t/usr/bin/perl -w\n")->interpreter == "/usr/bin/perl");
    CHECK(read_shebang("#!/bin/sh")->interpreter == "/bin/sh");
    CHECK_FALSE(read_shebang("#!/bin/sh\n")->windows);
    CHECK(read_shebang("#!/bin/sh\r\n")->windows);
    CHECK(read_shebang("#!/bin/sh -e\r\n")->interpreter == "/bin/sh");
    for (const char* none : {"", "#", "#!", "#!\n", "#!   \n", "echo\n", "#![allow(unused)]\n",
                             "#!sh\n", "\xef\xbb\xbf#!/bin/sh\n"})
        CHECK_FALSE(read_shebang(none));
}

TEST_CASE("what env is asked for in a #! line is found") {
    CHECK(read_shebang("#!/usr/bin/env python3\n")->name == "python3");
    CHECK(read_shebang("#!/usr/bin/env  node \r\n")->name == "node");
    CHECK(read_shebang("#!/usr/bin/env -S node --flag\n")->name == "node");
    CHECK(read_shebang("#!/usr/bin/env -Snode --flag\n")->name == "node");
    CHECK(read_shebang("#!/usr/bin/env -S -i A=b perl -w\n")->name == "perl");
    CHECK(read_shebang("#!/usr/bin/env --split-string=perl -w\n")->name == "perl");
    CHECK(read_shebang("#!/usr/bin/env python3 -u\n")->name == "python3 -u");
    CHECK(read_shebang("#!/usr/bin/env\n")->name.empty());
    CHECK(read_shebang("#!/usr/bin/python3 x\n")->name.empty());
}

TEST_CASE("a pattern of files to leave out means a name, or with a slash a path") {
    CHECK(is_excluded("*.pyc", "a.pyc"));
    CHECK(is_excluded("*.pyc", "deep/er/a.pyc"));
    CHECK(is_excluded("tests", "tests"));
    CHECK(is_excluded("tests/", "tests"));
    CHECK(is_excluded("lib/*.a", "lib/x.a"));
    CHECK(is_excluded("./lib/*.a", "lib/x.a"));
    CHECK(is_excluded("*", ".hidden"));
    CHECK_FALSE(is_excluded("lib/*.a", "lib/deep/x.a"));
    CHECK_FALSE(is_excluded("lib/*.a", "other/lib/x.a"));
    CHECK_FALSE(is_excluded("a.py", "aa.py"));
    CHECK_FALSE(is_excluded("[", "x"));
    CHECK(is_excluded("x", ".git"));
    CHECK(is_excluded("x", "module/.git"));
    CHECK_FALSE(is_excluded("x", ".gitignore"));
    Exclusion two({"a", "b"});
    CHECK(two.matches("a"));
    CHECK(two.unused() == std::vector<std::string>{"b"});
}

TEST_CASE("what Lambda's image has is told from what it has not") {
    for (const char* name : {"sh", "bash", "cat", "[", "yes", "awk", "curl", "env"})
        CHECK(image_has_program(name));
    for (const char* name : {"python3", "perl", "jq", "node", "find", "tar", "", " ", "sh bash"})
        CHECK_FALSE(image_has_program(name));
    CHECK(image_has_library("libc.so.6"));
    CHECK(image_has_library("libstdc++.so.6"));
    CHECK_FALSE(image_has_library("libfmt.so.9"));
    CHECK_FALSE(image_has_library("libc.so"));
}

TEST_CASE("a version of a library's interface is held against the image's") {
    for (const char* fine : {"GLIBC_2.34", "GLIBC_2.2.5", "GLIBCXX_3.4.30", "CXXABI_1.3.9",
                             "GLIBC_PRIVATE", "OPENSSL_3.0.0", "FOO", "", "GCC_3.0"})
        CHECK(image_offers_instead_of(fine).empty());
    CHECK(image_offers_instead_of("GLIBC_2.35") == "GLIBC_2.34");
    CHECK(image_offers_instead_of("GLIBC_2.100") == "GLIBC_2.34");
    CHECK(image_offers_instead_of("GLIBC_ABI_DT_RELR") == "GLIBC_2.34");
    CHECK(image_offers_instead_of("GLIBCXX_3.4.34") == "GLIBCXX_3.4.33");
    CHECK(image_offers_instead_of("GLIBC_99999999999999999999").empty());
}

TEST_CASE("what is in a zip is found by name, and over links") {
    const auto content = content_of({"b/c", "a -> b/c", "folder -> b", "b.c", "round -> about",
                                     "about -> round", "up -> folder/../b/c"});
    CHECK(content.entries().front().name == "a");
    CHECK(content.find("b/c"));
    CHECK_FALSE(content.find("b"));
    CHECK(led_to(content, "b") == "b");
    CHECK(led_to(content, ".") == "");
    CHECK(led_to(content, "folder/c") == "b/c");
    CHECK(led_to(content, "round") == "nowhere");
    CHECK(led_to(content, "b/d") == "nowhere");
    CHECK(content.file("a") == content.find("b/c"));
    CHECK(content.file("folder/c") == content.find("b/c"));
    CHECK(content.file("up") == content.find("b/c"));
    CHECK_FALSE(content.file("b"));
    CHECK_FALSE(content.file("round"));
}

TEST_CASE("a path is followed as Linux does, inside what is in the zip") {
    const auto content = content_of(
        {"a/b/file", "a/sibling", "deep -> a/b", "over -> deep/../sibling", "lexical -> deep/../up",
         "up", "absolute -> /var/task/deep", "out -> deep/../../../x", "back -> ../task/up",
         "through -> up/../a/sibling", "slash -> up/", "folder -> a/"});
    CHECK(led_to(content, "deep/../sibling") == "a/sibling");
    CHECK(led_to(content, "over") == "a/sibling");
    CHECK(led_to(content, "lexical") == "nowhere");
    CHECK(led_to(content, "absolute/../sibling") == "a/sibling");
    CHECK(led_to(content, "/var/task/absolute//./file") == "a/b/file");
    CHECK(led_to(content, "out") == "outside /var/x");
    CHECK(led_to(content, "back") == "up");
    // A file is no folder.
    CHECK(led_to(content, "through") == "nowhere");
    CHECK(led_to(content, "slash") == "nowhere");
    CHECK(led_to(content, "folder") == "a");
    CHECK(led_to(content, "/bin/../usr/bin/sh") == "outside /usr/bin/sh");
    CHECK(led_to(content, "/../..") == "outside /");
    CHECK(content.file("over") == content.find("a/sibling"));
    const auto layer =
        content_of({"lib/x", "link -> /opt/lib/x", "task -> /var/task/lib/x"}, "/opt");
    CHECK(led_to(layer, "link") == "lib/x");
    CHECK(led_to(layer, "task") == "outside /var/task/lib/x");
}

TEST_CASE("a program is looked for where it will be in Lambda") {
    using Answer = Place::Answer;
    const auto content = content_of({"bin/jq", "python3"});
    const auto content_of_layer = content_of({"bin/jq", "python3"}, "/opt");
    const Place function{content};
    const Place layer{content_of_layer};
    CHECK(function.find_at("/bin/sh") == Answer::present);
    CHECK(function.find_at("/usr/local/bin/sh") == Answer::missing);
    CHECK(function.find_at("/usr/bin/jq") == Answer::missing);
    CHECK(function.find_at("/var/task/bin/jq") == Answer::present);
    CHECK(function.find_at("/var/task/bin/no") == Answer::missing);
    CHECK(function.find_at("/opt/bin/no") == Answer::present);
    CHECK(layer.find_at("/opt/bin/no") == Answer::missing);
    CHECK(layer.find_at("/opt/bin/jq") == Answer::present);
    CHECK(function.find_on_path("cat") == Answer::present);
    CHECK(function.find_on_path("jq") == Answer::if_path_is_set);
    CHECK(layer.find_on_path("jq") == Answer::present);
    CHECK(function.find_on_path("python3") == Answer::missing);
    CHECK(function.find_on_path("python3", "/var/task:/bin") == Answer::present);
}
