#include "handlers/config_file.h"

#include <sys/stat.h>

#include <filesystem>

#include "handlers/option_reference.h"
#include "handlers/option_table.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::handlers;
using namespace std::chrono_literals;
using forklift::test::contains;

namespace {

ConfigFile config(std::string_view text) {
    auto read = read_config(text, "forklift.json");
    if (auto* wrong = std::get_if<ConfigMistakes>(&read)) FAIL(wrong->sentences.at(0));
    return std::get<ConfigFile>(std::move(read));
}

Options entry(const std::string& members) {
    return config(R"({"handlers": {"h": {)" + members + "}}}").entries.at(0).options;
}

/// What is wrong with the file as a whole, or else with its entries.
std::vector<std::string> mistakes(std::string_view text) {
    auto read = read_config(text, "forklift.json");
    if (auto* wrong = std::get_if<ConfigMistakes>(&read)) return wrong->sentences;
    std::vector<std::string> all;
    for (const auto& entry : std::get<ConfigFile>(read).entries)
        all.insert(all.end(), entry.mistakes.begin(), entry.mistakes.end());
    return all;
}

/// Why the file that was found cannot be read.
std::string obstacle(const forklift::test::TaskRoot& root) {
    const auto found = find_config(root.path(), std::nullopt);
    REQUIRE(std::holds_alternative<ConfigMistakes>(found));
    return std::get<ConfigMistakes>(found).sentences.at(0);
}

}  // namespace

TEST_CASE("an entry says everything that can be chosen") {
    const auto options = entry(R"(
        "command": ["tool", "{/a}"], "mode": "fork", "env": {"A": "1 2", "B": ""}, "cwd": "data",
        "input": "/image", "input_encoding": "base64", "output": "raw", "content_type": "image/png",
        "exit_errors": {"1": "BadImage", "SIGSEGV": "Crashed"}, "success_codes": [0, 1],
        "timeout": "2s", "stop_margin": 400, "stop_grace": "100ms", "max_output": "64KiB",
        "limits": {"memory": "64MiB", "cpu": 2, "files": 32, "processes": "8"},
        "scratch": true, "keep_background": true, "records": "/Records", "records_parallel": 4)");
    CHECK(options.command == List{"tool", "{/a}"});
    CHECK(options.environment == Map{{"A", "1 2"}, {"B", ""}});
    CHECK(options.directory == "data");
    CHECK(options.input == "/image");
    CHECK(options.input_encoding == Encoding::base64);
    CHECK(options.output == OutputForm::raw);
    CHECK(options.content_type == "image/png");
    CHECK(options.exit_errors == std::map<int, std::string>{{1, "BadImage"}});
    CHECK(options.signal_errors == std::map<int, std::string>{{11, "Crashed"}});
    CHECK(options.success_codes == std::set<int>{0, 1});
    CHECK(options.timeout == 2s);
    CHECK(options.stop_margin == 400ms);
    CHECK(options.stop_grace == 100ms);
    CHECK(options.max_output == 65536);
    CHECK(options.limits.memory == 64U * 1024 * 1024);
    CHECK(options.limits.cpu == 2U);
    CHECK(options.limits.files == 32U);
    CHECK(options.limits.processes == 8U);
    CHECK(options.scratch);
    CHECK(options.keep_background);
    CHECK(options.records == "/Records");
    CHECK(options.records_parallel == 4);
}

TEST_CASE("an entry or a file with nothing in it is all defaults") {
    CHECK(entry("").output == OutputForm::automatic);
    CHECK(config("{}").entries.empty());
    CHECK(config(R"({"$schema": "x", "handlers": {}})").entries.empty());
}

TEST_CASE("ten mistakes are all told at once, each with its place and what is allowed") {
    const auto told = mistakes(R"({"handlers": {
        "a": {"comand": ["x"], "mode": "spoon", "output": "xml", "timeout": "soon",
              "max_output": 0, "success_codes": [0, 256], "command": ["x", "{width}"]},
        "b": {"limits": {"memroy": "1GiB"}, "scratch": "yes", "exit_errors": {"0": "Fine"}}}})");
    const std::vector<std::pair<std::string, std::string>> expected = {
        {"/handlers/a/comand:", "did you mean \"command\"?"},
        {"/handlers/a/mode:", "fork"},
        {"/handlers/a/output:", "auto, json, text, base64 or raw"},
        {"/handlers/a/timeout:", "300ms or 2s"},
        {"/handlers/a/max_output:", "64KiB"},
        {"/handlers/a/success_codes/1:", "0 to 255"},
        {"/handlers/a/command/1:", "{/pointer}"},
        {"/handlers/b/limits/memroy:", "did you mean \"memory\"?"},
        {"/handlers/b/scratch:", "true or false"},
        {"/handlers/b/exit_errors/0:", "1 to 255"}};
    REQUIRE(told.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(told[i]);
        CHECK(contains(told[i], "forklift.json: " + expected[i].first + " found "));
        CHECK(contains(told[i], expected[i].second));
    }
}

TEST_CASE("values of a foreign type are mistakes") {
    for (const auto* member : {R"("command": "x")",
                               R"("command": [])",
                               R"("command": ["x", 1])",
                               R"("command": [""])",
                               R"("command": ["{/a}"])",
                               R"("command": ["x\u0000"])",
                               R"("env": ["A"])",
                               R"("env": {"A": 1})",
                               R"("env": {"A=B": "x"})",
                               R"("input": "image")",
                               R"("input": null)",
                               R"("input_encoding": "base64")",
                               R"("timeout": 1.5)",
                               R"("timeout": -1)",
                               R"("timeout": [1])",
                               R"("content_type": 1)",
                               R"("limits": {"cpu": 0})",
                               R"("limits": [])",
                               R"("scratch": 1)",
                               R"("records": "Records")",
                               R"("records_parallel": 0)",
                               R"("exit_errors": {"SIGFOO": "X"})",
                               R"("exit_errors": {"1": ""})",
                               R"("success_codes": ["0"])",
                               R"("success_codes": [])",
                               R"("output": "raw", "output": "raw")",
                               R"("command": ["x", "{input_file.a}{input_file.b}"])"}) {
        CAPTURE(member);
        CHECK(mistakes(std::string(R"({"handlers": {"h": {)") + member + "}}}").size() == 1);
    }
}

TEST_CASE("the frame of the file is checked as well") {
    CHECK(contains(mistakes("[]").at(0), "an array"));
    CHECK(contains(mistakes(R"({"handler": {}})").at(0), "did you mean \"handlers\"?"));
    CHECK(contains(mistakes(R"({"handlers": []})").at(0), "/handlers:"));
    CHECK(contains(mistakes(R"({"handlers": {"a": 1}})").at(0), "/handlers/a:"));
    CHECK(contains(mistakes(R"({"handlers": {"a b": {}}})").at(0), "without spaces"));
    CHECK(contains(mistakes(R"({"handlers": {"a/b": {"x": 1}}})").at(0), "/handlers/a~1b/x:"));
    CHECK(contains(mistakes("{\n  \"handlers\": {,\n}}").at(0), "line 2, column 16"));
}

TEST_CASE("the file is found in the task root, or where it is said to be") {
    forklift::test::TaskRoot root;
    CHECK(std::get<ConfigFile>(find_config(root.path_of("."), std::nullopt)).entries.empty());
    CHECK(std::holds_alternative<ConfigMistakes>(find_config(root.path_of("."), "other.json")));
    root.file("forklift.json", R"({"handlers": {"a": {}}})");
    root.file("other.json", R"({"handlers": {"b": {}}})");
    CHECK(std::get<ConfigFile>(find_config(root.path_of("."), std::nullopt)).find("a"));
    CHECK(std::get<ConfigFile>(find_config(root.path_of("."), "other.json")).find("b"));
    CHECK(std::get<ConfigFile>(find_config("/", root.path_of("other.json"))).find("b"));
}

TEST_CASE("a mistake in one entry is that entry's alone") {
    const auto file = config(R"({"handlers": {
        "good": {"command": ["cat"]},
        "bad": {"mode": "http"},
        "worse": 7,
        "twice": {"command": ["a"]},
        "twice": {"command": ["b"]}}})");
    CHECK(file.find("good")->mistakes.empty());
    REQUIRE(file.find("bad")->mistakes.size() == 1);
    CHECK(contains(file.find("bad")->mistakes[0], "/handlers/bad/port: found no port"));
    CHECK(contains(file.find("worse")->mistakes.at(0), "/handlers/worse: found a number"));
    CHECK(contains(file.find("twice")->mistakes.at(0), "a second member of that name"));
}

TEST_CASE("a configuration that is no regular file is not waited for") {
    forklift::test::TaskRoot root;
    const std::string path = root.path_of("forklift.json");
    SECTION("a pipe") { REQUIRE(::mkfifo(path.c_str(), 0600) == 0); }
    SECTION("a folder") { std::filesystem::create_directory(path); }
    SECTION("a link to something without an end") {
        std::filesystem::create_symlink("/dev/zero", path);
    }
    CHECK(obstacle(root) == path + " is not a regular file");
}

TEST_CASE("a link to a configuration is followed, and one that leads nowhere is an error") {
    forklift::test::TaskRoot root;
    root.file("other.json", R"({"handlers": {"b": {}}})");
    std::filesystem::create_symlink("other.json", root.path_of("forklift.json"));
    CHECK(std::get<ConfigFile>(find_config(root.path(), std::nullopt)).find("b"));
    std::filesystem::remove(root.path_of("other.json"));
    CHECK(contains(obstacle(root), "cannot be read: No such file"));
}

TEST_CASE("a configuration that is too large is an error that says how large one may be") {
    forklift::test::TaskRoot root;
    root.file("forklift.json", std::string(1024 * 1024, ' ') + "{}");
    CHECK(contains(obstacle(root), "has more than 1048576 bytes"));
    root.file("forklift.json", std::string(1024 * 1024 - 2, ' ') + "{}");
    CHECK(std::holds_alternative<ConfigFile>(find_config(root.path(), std::nullopt)));
}

TEST_CASE("the schema and the documentation are what the table says") {
    const std::string docs = std::string(FORKLIFT_SOURCE_DIR) + "/docs/";
    CHECK(forklift::test::read_file(docs + "forklift.schema.json") == options_as_schema());
    CHECK(contains(forklift::test::read_file(docs + "configuration.md"), options_as_markdown()));
    const std::string man = std::string(FORKLIFT_SOURCE_DIR) + "/packaging/man/";
    CHECK(contains(forklift::test::read_file(man + "forklift.json.5"), options_as_man()));
    for (const auto& option : option_table()) CHECK(contains(options_as_text(), option.name));
}
