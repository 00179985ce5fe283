#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <vector>

#include "tests/support/task_root.h"
#include "tests/test.h"

/// The house has floors (docs/ and the top CMakeLists.txt): what a folder may include is written
/// down here, and this test reads the includes.
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const std::map<std::string, Names> may_include = {
    {"process", {"process"}},
    {"protocol", {"protocol"}},
    {"handlers", {"handlers", "protocol", "process"}},
    {"supervisor", {"supervisor", "handlers", "protocol", "process"}},
    {"local", {"local", "protocol", "process"}},
};

std::vector<fs::path> sources_in(const std::string& folder) {
    std::vector<fs::path> files;
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(FORKLIFT_SOURCE_DIR) / folder)) {
        const auto kind = entry.path().extension();
        if (kind == ".h" || kind == ".cpp" || kind == ".c") files.push_back(entry.path());
    }
    return files;
}

/// The folders of ours that a file includes from; an include without a folder counts as "".
Names folders_included(const fs::path& file) {
    static const std::regex quoted(R"re(^\s*#\s*include\s*"([^"]*)")re");
    std::ifstream in(file);
    Names folders;
    std::smatch match;
    for (std::string line; std::getline(in, line);) {
        if (!std::regex_search(line, match, quoted)) continue;
        const std::string path = match[1];
        folders.insert(path.find('/') == std::string::npos ? "" : path.substr(0, path.find('/')));
    }
    return folders;
}

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

/// The code of a file without its comments.
std::string code_of(const fs::path& file) {
    static const std::regex comments(R"re(//[^\n]*|/\*[\s\S]*?\*/)re");
    return std::regex_replace(forklift::test::read_file(file.string()), comments, "");
}

}  // namespace

TEST_CASE("every folder includes only what stands on its floor or below") {
    for (const auto& [folder, allowed] : may_include) {
        const auto files = sources_in(folder);
        CHECK_FALSE(files.empty());
        for (const auto& file : files) {
            for (const auto& included : folders_included(file)) {
                INFO(file << " includes from \"" << included << "\"");
                CHECK(allowed.count(included) == 1);
            }
        }
    }
}

TEST_CASE("no folder includes another's files in angle brackets") {
    const std::regex ours(
        R"re(#\s*include\s*<(process|protocol|handlers|supervisor|local|tests)/)re");
    for (const auto& [folder, allowed] : may_include) {
        for (const auto& file : sources_in(folder)) {
            INFO(file);
            CHECK_FALSE(std::regex_search(forklift::test::read_file(file.string()), ours));
        }
    }
}

TEST_CASE("process never says Lambda") {
    for (const auto& file : sources_in("process")) {
        INFO(file);
        CHECK(lower(forklift::test::read_file(file.string())).find("lambda") == std::string::npos);
    }
}

TEST_CASE("protocol has no word of processes in its code") {
    // Only the words of the floor beside it: the namespace, and the system calls of its trade.
    const std::regex words(
        R"re(\bprocess::|namespace\s+process|\b(fork|posix_spawn|waitpid|waitid|execve?|kill)\s*\()re");
    for (const auto& file : sources_in("protocol")) {
        INFO(file);
        CHECK_FALSE(std::regex_search(code_of(file), words));
    }
}

TEST_CASE("only one file touches Boost.Process") {
    int files = 0;
    for (const auto& [folder, allowed] : may_include)
        for (const auto& file : sources_in(folder))
            files += forklift::test::contains(forklift::test::read_file(file.string()),
                                              "#include <boost/process");
    CHECK(files == 1);
}
