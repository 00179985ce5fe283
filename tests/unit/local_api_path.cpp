#include "local/api_path.h"

#include "tests/test.h"

using namespace forklift::local;
using forklift::test::contains;

namespace {

constexpr const char* functions = "/2015-03-31/functions/";

std::string name_at(const std::string& target) {
    const auto path = read_api_path("POST", target);
    const auto* found = std::get_if<FunctionPath>(&path);
    if (!found) return "none";
    const auto& [name, qualifier] = found->function;
    return name + (qualifier.empty() ? "" : " " + qualifier) +
           (found->is_invoke_async ? " async" : "");
}

struct Refusal {
    int status = 0;
    std::string type;
    std::string body;
};

Refusal refusal_of(const std::string& method, const std::string& target) {
    const auto path = read_api_path(method, target);
    const auto* reply = std::get_if<HttpReply>(&path);
    if (!reply) return {};
    return {reply->status, std::string(*reply->headers.find("x-amzn-ErrorType")), *reply->body};
}

bool is_own(const std::string& target) {
    return std::holds_alternative<OwnPath>(read_api_path("POST", target));
}

}  // namespace

TEST_CASE("Invoke and InvokeAsync lead to the function, by any name of it") {
    const std::string arn = "arn:aws:lambda:us-east-1:123456789012:function:greet";
    const std::string encoded_arn =
        "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Agreet%3A7";
    CHECK(name_at(functions + std::string("greet/invocations")) == "greet");
    CHECK(name_at(functions + std::string("greet/invocations/")) == "greet");
    CHECK(name_at(functions + std::string("greet/invocations?Qualifier=v1")) == "greet");
    CHECK(name_at(functions + std::string("greet:prod/invocations")) == "greet prod");
    CHECK(name_at(functions + arn + "/invocations") == "greet");
    CHECK(name_at(functions + encoded_arn + "/invocations") == "greet 7");
    CHECK(name_at("http://localhost:9000/2015-03-31/functions/greet/invocations") == "greet");
    CHECK(name_at("/2014-11-13/functions/greet/invoke-async/") == "greet async");
    CHECK(name_at("/2014-11-13/functions/greet/invoke-async") == "greet async");
}

TEST_CASE("a name that the API does not take is a ValidationException") {
    for (const char* name : {"bad%20name", "a/b", "a%2Fb", "a%2fb", "", "a/b/c/d", "x%0d%0aY:z"}) {
        CAPTURE(name);
        const auto refusal = refusal_of("POST", functions + std::string(name) + "/invocations");
        CHECK(refusal.status == 400);
        CHECK(refusal.type == "ValidationException");
        CHECK(
            contains(refusal.body, "at 'functionName' failed to satisfy constraint: Member must"));
    }
    CHECK(contains(refusal_of("POST", functions + std::string("a%2Fb/invocations")).body,
                   "1 validation error detected: Value 'a/b' at 'functionName'"));
    const auto long_one =
        refusal_of("POST", functions + std::string(50'000, 'n') + "/invocations").body;
    CHECK(long_one.size() < 1000);
    CHECK(contains(long_one, "length less than or equal to 170"));
}

TEST_CASE("operations that are not here are named") {
    struct Case {
        const char* method;
        const char* path;
        const char* operation;
    };
    for (const auto& [method, path, operation] :
         {Case{"DELETE", "/2015-03-31/functions/f", "DeleteFunction"},
          Case{"GET", "/2015-03-31/functions/f", "GetFunction"},
          Case{"GET", "/2015-03-31/functions/", "ListFunctions"},
          Case{"GET", "/2015-03-31/functions?MaxItems=1", "ListFunctions"},
          Case{"POST", "/2015-03-31/functions", "CreateFunction"},
          Case{"PUT", "/2015-03-31/functions/f/aliases/prod", "UpdateAlias"},
          Case{"GET", "/2015-03-31/event-source-mappings/", "ListEventSourceMappings"},
          Case{"GET", "/2016-08-19/account-settings/", "GetAccountSettings"},
          Case{"GET", "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af",
               "ListTags"},
          Case{"GET", "/2018-10-31/layers/l/versions/1/policy", "GetLayerVersionPolicy"},
          Case{"POST", "/2021-10-31/functions/f/url", "CreateFunctionUrlConfig"},
          Case{"POST", "/2021-11-15/functions/f/response-streaming-invocations",
               "InvokeWithResponseStream"},
          Case{"GET", "/2025-12-01/functions/f/durable-executions",
               "ListDurableExecutionsByFunction"}}) {
        CAPTURE(method, path);
        const auto refusal = refusal_of(method, path);
        CHECK(refusal.status == 501);
        CHECK(refusal.type == "NotImplementedException");
        CHECK(contains(refusal.body, std::string("\"") + operation + " is not here"));
        CHECK(contains(refusal.body, "forklift serve has Invoke and InvokeAsync"));
    }
}

TEST_CASE("methods and paths that the API does not have are told as such") {
    CHECK(refusal_of("GET", "/2015-03-31/functions/f/invocations").status == 405);
    CHECK(refusal_of("DELETE", "/2014-11-13/functions/f/invoke-async/").status == 405);
    const auto patch = refusal_of("PATCH", "/2015-03-31/functions/f");
    CHECK(patch.status == 405);
    CHECK(contains(patch.body, "takes DELETE, GET, not PATCH"));
    for (const char* path :
         {"/2015-03-31/functions/f/nonsense", "/2021-10-31/functions", "/2026-10-01/runtimes",
          "/2015-03-31/layers", "/2015-03-31/functions/f/code/x", "/2014-11-13/functions/f"}) {
        CAPTURE(path);
        const auto refusal = refusal_of("POST", path);
        CHECK(refusal.status == 404);
        CHECK(refusal.type == "UnknownOperationException");
    }
}

TEST_CASE("any other path is the function's own") {
    for (const char* path :
         {"/", "*", "/2015-03-31", "/2015-03-31/", "/2015-03-31/posts", "/2015-03-30/functions/f",
          "//2015-03-31/functions", "/x/2015-03-31/functions", "/functions/f/invocations",
          "/2018-06-01/runtime/invocation/next", "x", ""}) {
        CAPTURE(path);
        CHECK(is_own(path));
    }
}
