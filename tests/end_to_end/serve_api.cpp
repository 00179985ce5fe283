#include "tests/support/aws_cli.h"
#include "tests/support/eventually.h"
#include "tests/support/forklift.h"
#include "tests/support/http_stream.h"
#include "tests/support/task_root.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;

/// What `forklift serve` has of Lambda's API, what it says of the rest, and how SDKs see it.
namespace {

struct Recording {
    TaskRoot root;
    ForkliftServe server;

    /// Keeps every event, and answers with the function's ARN and the event.
    Recording()
        : server({[&] {
              root.script("record.sh",
                          "event=$(cat); echo \"$event\" >>events; printf '[\"%s\",%s]' "
                          "\"$LAMBDA_RUNTIME_INVOKED_FUNCTION_ARN\" \"$event\"");
              return root.path_of("record.sh");
          }()}) {}

    std::string events() const {
        const auto path = root.path_of("events");
        return std::filesystem::exists(path) ? read_file(path) : "";
    }
    HttpMessage send(const std::string& method, const std::string& path,
                     const HttpFields& headers = {}, const std::string& body = {}) const {
        return exchange(server.port(), method, path, headers, body);
    }
};

/// What a script with botocore's client `client` prints.
std::string run_sdk(const Recording& recording, const std::string& script) {
    ProgramOptions program;
    program.argv = {"python3", "-c",
                    "import botocore.session, botocore.config, botocore.exceptions\n"
                    "config = botocore.config.Config(parameter_validation=False, "
                    "retries={'total_max_attempts': 3})\n"
                    "client = botocore.session.get_session().create_client('lambda', "
                    "endpoint_url='" +
                        recording.server.url() + "', config=config)\n" + script};
    program.environment = aws_cli_environment(recording.root.path());
    const auto finished = run_program(program);
    INFO(finished.errors);
    CHECK(finished.exit == 0);
    return finished.output;
}

}  // namespace

TEST_CASE("no path of Lambda's API runs the function but Invoke and InvokeAsync") {
    const Recording recording;
    struct Case {
        const char* method;
        const char* path;
        int status;
    };
    for (const auto& [method, path, status] :
         {Case{"DELETE", "/2015-03-31/functions/f", 501},
          Case{"GET", "/2015-03-31/functions/f", 501}, Case{"GET", "/2015-03-31/functions/", 501},
          Case{"POST", "/2021-11-15/functions/f/response-streaming-invocations", 501},
          Case{"GET", "/2016-08-19/account-settings/", 501},
          Case{"GET", "/2015-03-31/functions/f/invocations", 405},
          Case{"POST", "/2015-03-31/functions/a/b/invocations", 400},
          Case{"POST", "/2015-03-31/functions/a%2Fb/invocations", 400},
          Case{"POST", "/2015-03-31/functions/bad%20name/invocations", 400},
          Case{"POST", "/2015-03-31/functions//invocations", 400},
          Case{"POST", "/2015-03-31/functions/f:1/invocations?Qualifier=2", 400},
          Case{"GET", "/2015-03-31/functions/f/nonsense", 404}}) {
        CAPTURE(method, path);
        const auto answer = recording.send(method, path, {}, "{}");
        CHECK(answer.status() == status);
        CHECK(answer.header("x-amzn-ErrorType"));
        CHECK(answer.header("x-amzn-RequestId"));
    }
    CHECK(recording.events().empty());
}

TEST_CASE("InvokeAsync takes an event and runs it") {
    const Recording recording;
    const auto answer = recording.send("POST", "/2014-11-13/functions/f/invoke-async/",
                                       {{"X-Amz-Invocation-Type", "DryRun"}}, "[1]");
    CHECK(answer.status() == 202);
    CHECK(answer.body == R"({"Status":202})");
    CHECK(eventually([&] { return recording.events() == "[1]\n"; }));
}

TEST_CASE("a request to invoke without a payload is the event {}") {
    const Recording recording;
    const std::string path = "/2015-03-31/functions/f/invocations";
    CHECK(contains(recording.send("POST", path).body, ",{}]"));
    CHECK(recording.events() == "{}\n");
    CHECK(recording.send("POST", path, {{"X-Amz-Invocation-Type", "Event"}}).status() == 202);
    CHECK(eventually([&] { return recording.events() == "{}\n{}\n"; }));
    CHECK(recording.send("POST", "/2014-11-13/functions/f/invoke-async/").status() == 202);
    CHECK(eventually([&] { return recording.events() == "{}\n{}\n{}\n"; }));
}

TEST_CASE("the version that is asked for is the one that is executed") {
    Recording recording;
    const auto executed = [&](const std::string& name_and_query) {
        const auto answer =
            recording.send("POST", "/2015-03-31/functions/" + name_and_query, {}, "1");
        CHECK(answer.status() == 200);
        return answer.header("X-Amz-Executed-Version").value_or("none");
    };
    CHECK(executed("f/invocations") == "$LATEST");
    CHECK(executed("f/invocations?Qualifier=prod") == "$LATEST");
    CHECK(executed("f:$LATEST/invocations") == "$LATEST");
    CHECK(executed("123456789012:f/invocations") == "$LATEST");
    CHECK(executed("f/invocations?Qualifier=7") == "7");
    CHECK(executed("f:12/invocations?Qualifier=12") == "12");
    const auto log = recording.server.wait_for_errors("Version: 12\n");
    CHECK(contains(log, "Version: $LATEST\n"));
    CHECK(contains(log, "Version: 7\n"));
    CHECK(
        contains(recording.send("POST", "/2015-03-31/functions/123456789012:f:7/invocations").body,
                 ":123456789012:function:record:7\""));
}

TEST_CASE("an SDK sees what the API's documentation says", "[tools]") {
    if (!has_python_module("botocore")) return;
    const Recording recording;
    CHECK(run_sdk(recording,
                  "for name, arguments in [('get_function', {'FunctionName': 'f'}), "
                  "('list_functions', {}), ('delete_function', {'FunctionName': 'f'}), "
                  "('get_account_settings', {}), ('invoke', {'FunctionName': 'bad name'}), "
                  "('invoke_with_response_stream', {'FunctionName': 'f'})]:\n"
                  "    # Debian 12's SDK does not know the last one.\n"
                  "    if not hasattr(client, name):\n"
                  "        print('NotImplementedException 0 InvokeWithResponseStream')\n"
                  "        continue\n"
                  "    try:\n"
                  "        print(getattr(client, name)(**arguments))\n"
                  "    except botocore.exceptions.ClientError as error:\n"
                  "        said = error.response\n"
                  "        print(said['Error']['Code'], said['ResponseMetadata']['RetryAttempts'], "
                  "said['Error']['Message'].split()[0])\n") ==
          "NotImplementedException 0 GetFunction\n"
          "NotImplementedException 0 ListFunctions\n"
          "NotImplementedException 0 DeleteFunction\n"
          "NotImplementedException 0 GetAccountSettings\n"
          "ValidationException 0 1\n"
          "NotImplementedException 0 InvokeWithResponseStream\n");
    CHECK(recording.events().empty());
    CHECK(run_sdk(recording,
                  "invoked = client.invoke(FunctionName='f', Qualifier='7')\n"
                  "print(invoked['StatusCode'], invoked['ExecutedVersion'], "
                  "invoked['Payload'].read().decode().split(',')[1])\n"
                  "print(client.invoke_async(FunctionName='f', InvokeArgs=b'[2]')['Status'])\n") ==
          "200 7 {}]\n202\n");
    CHECK(eventually([&] { return recording.events() == "{}\n[2]\n"; }));
}
