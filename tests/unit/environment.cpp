#include "process/environment.h"

#include <cstdlib>

#include "tests/test.h"

using forklift::process::Environment;

TEST_CASE("an environment holds one entry for each name") {
    Environment environment;
    environment.set("A", "1");
    environment.set("AB", "2");
    environment.set("A", "3=4");
    CHECK(environment.entries() == std::vector<std::string>{"A=3=4", "AB=2"});
    CHECK(std::string(environment.get("A")) == "3=4");
    CHECK(environment.get("B") == nullptr);
    CHECK(environment.get("") == nullptr);
}

TEST_CASE("an empty value is a value") {
    Environment environment;
    environment.set("EMPTY", "");
    REQUIRE(environment.get("EMPTY") != nullptr);
    CHECK(std::string(environment.get("EMPTY")).empty());
}

TEST_CASE("a name is taken away without those that begin like it") {
    Environment environment;
    environment.set("LAMBDA_A", "1");
    environment.set("LAMBDA_AB", "2");
    environment.set("OTHER", "3");
    environment.unset("LAMBDA_A");
    CHECK(environment.entries() == std::vector<std::string>{"LAMBDA_AB=2", "OTHER=3"});
    environment.unset("MISSING");
    environment.unset_prefix("LAMBDA_");
    CHECK(environment.entries() == std::vector<std::string>{"OTHER=3"});
}

TEST_CASE("a copy of the process's environment changes nothing there") {
    auto environment = Environment::of_this_process();
    REQUIRE(environment.get("PATH") != nullptr);
    CHECK(std::string(environment.get("PATH")) == std::getenv("PATH"));
    environment.set("FORKLIFT_TEST_ONLY", "x");
    environment.unset("PATH");
    CHECK(std::getenv("FORKLIFT_TEST_ONLY") == nullptr);
    CHECK(std::getenv("PATH") != nullptr);
}
