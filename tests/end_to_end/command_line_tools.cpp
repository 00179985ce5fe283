#include <filesystem>
#include <sstream>

#include "tests/support/forklift.h"
#include "tests/support/one_shot.h"
#include "tests/support/tested_programs.h"
#include "tests/test.h"

/// What examples/cli and the pages about configuration show is what happens.
using namespace forklift::test;

namespace {

namespace fs = std::filesystem;

const std::string source = FORKLIFT_SOURCE_DIR;

bool has_tool(const std::string& test) {
    const auto finished =
        run_program({.argv = {"sh", "-c", test}, .environment = usual_environment()});
    if (finished.exit != 0) WARN("not tested: this fails here: " << test);
    return finished.exit == 0;
}

Finished shell(const std::string& line, const std::string& directory) {
    ProgramOptions options{
        .argv = {"sh", "-c", line}, .environment = usual_environment(), .directory = directory};
    options.environment["PATH"] =
        fs::path(tested_forklift()).parent_path().string() + ":" + options.environment["PATH"];
    return run_program(options);
}

/// One line after "$ " in a console fence, with the here-document behind it, and what it prints.
struct Step {
    std::string line;
    std::string output;
};

std::vector<Step> steps_of(const std::string& page) {
    std::istringstream lines(read_file(page));
    std::vector<Step> steps;
    bool inside = false;
    bool here_document = false;
    for (std::string line; std::getline(lines, line);) {
        if (begins_with(line, "```")) {
            inside = line == "```console";
        } else if (inside && begins_with(line, "$ ")) {
            steps.push_back({line.substr(2), ""});
            here_document = contains(line, "<<'EOF'");
        } else if (inside && here_document) {
            steps.back().line += "\n" + line;
            here_document = line != "EOF";
        } else if (inside) {
            steps.back().output += line + "\n";
        }
    }
    return steps;
}

/// Runs all that a page shows, as one session that begins in `directory`.
void check_page(const std::string& page, std::string directory) {
    const auto steps = steps_of(source + page);
    CHECK_FALSE(steps.empty());
    for (const auto& step : steps) {
        auto finished = shell(step.line, directory);
        CAPTURE(step.line, finished.errors);
        // On a terminal forklift ends an answer's last line.
        if (!finished.output.empty() && finished.output.back() != '\n') finished.output += '\n';
        CHECK(finished.output == step.output);
        if (contains(step.line, "&& cd words")) directory += "/words";
    }
}

/// The schema's verdict on documents, one after another: "ok" or "no".
std::string validate(const std::string& documents) {
    constexpr const char* program = R"(
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for text in sys.stdin.read().split("\n---\n"):
    print("ok" if validator.is_valid(json.loads(text)) else "no", end=" "))";
    const auto finished = run_program(
        {.argv = {"/usr/bin/python3", "-c", program, source + "/docs/forklift.schema.json"},
         .environment = usual_environment(),
         .input = documents});
    CAPTURE(finished.errors);
    CHECK(finished.exit == 0);
    return finished.output;
}

std::string verdict(const std::string& members) {
    return validate(R"({"handlers": {"h": {)" + members + "}}}");
}

}  // namespace

TEST_CASE("the command line tools of the examples answer as their page says") {
    if (has_tool("command -v jq sqlite3"))
        check_page("/examples/cli/README.md", source + "/examples/cli");
}

TEST_CASE("the page on wrapping a tool says what happens") {
    TaskRoot root;
    check_page("/docs/wrap-a-command-line-tool.md", root.path_of("."));
}

TEST_CASE("ImageMagick takes an image and answers with one", "[tools]") {
    if (!has_tool("convert -version | grep -q ImageMagick")) return;
    const auto finished = shell(
        "forklift invoke thumbnail @thumbnail.event.json | tr -d '\"\\n' | base64 -d | "
        "convert png:- -format '%wx%h' info:",
        source + "/examples/cli");
    CAPTURE(finished.errors);
    CHECK(finished.output == "8x8");
    const auto bad =
        shell("forklift invoke thumbnail '{\"image\": \"aGk=\"}'", source + "/examples/cli");
    CHECK(bad.exit == 1);
    CHECK(contains(bad.output, "BadImage"));
}

TEST_CASE("git tells the log of a repository in the task root") {
    if (!has_tool("command -v git")) return;
    TaskRoot root;
    const auto made = shell("cp " + source +
                                "/examples/cli/forklift.json . && git init -q work && cd work && "
                                "echo 1 > notes.txt && git add . && git -c user.name=Ada -c "
                                "user.email=a@b commit -qm one "
                                "&& echo 2 > other.txt && git add . && git -c user.name=Ada -c "
                                "user.email=a@b commit -qm "
                                "two && cd .. && git clone -q --bare work repository.git",
                            root.path_of("."));
    REQUIRE(made.exit == 0);
    const auto log = [&](const std::string& event) {
        return shell("forklift invoke history '" + event + "'", root.path_of(".")).output;
    };
    CHECK(log("{}") == "\"Ada: two\\nAda: one\"");
    CHECK(log(R"({"count": 1})") == "\"Ada: two\"");
    CHECK(log(R"({"paths": ["notes.txt"]})") == "\"Ada: one\"");
    CHECK(log(R"({"paths": ["--all"]})") == "\"\"");
}

TEST_CASE("the schema accepts every example and rejects every mistake that it can see") {
    if (!has_tool("/usr/bin/python3 -c 'import jsonschema'")) return;
    for (const std::string example : {"cli", "c", "shell/worker"})
        CHECK(validate(read_file(source + "/examples/" + example + "/forklift.json")) == "ok ");
    std::string documents;
    for (const std::string page :
         {"/docs/wrap-a-command-line-tool.md", "/docs/configuration.md", "/docs/functions.md"}) {
        const std::string text = read_file(source + page);
        for (auto at = text.find("\n{"); at != text.npos; at = text.find("\n{", at + 1)) {
            const auto end = std::min(text.find("\nEOF", at), text.find("\n```", at));
            const std::string document = text.substr(at + 1, end - at - 1);
            if (contains(document, "\"handlers\"") && !contains(document, "comand"))
                documents += (documents.empty() ? "" : "\n---\n") + document;
        }
    }
    CHECK(validate(documents) == "ok ok ok ok ok ok ok ");
    for (const auto* mistake :
         {R"("comand": ["x"])", R"("mode": "spoon")", R"("output": "xml")", R"("timeout": "soon")",
          R"("max_output": 0)", R"("success_codes": [0, 256])", R"("command": [])",
          R"("limits": {"memroy": "1GiB"})", R"("scratch": "yes")",
          R"("exit_errors": {"0": "Fine"})", R"("input": "image")", R"("records": "Records")",
          R"("env": {"A": 1})", R"("input_encoding": "hex")", R"("records_parallel": 0)"}) {
        CAPTURE(mistake);
        CHECK(verdict(mistake) == "no ");
    }
}
