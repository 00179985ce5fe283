#include <csignal>
#include <filesystem>
#include <map>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/forklift.h"
#include "tests/support/free_port.h"
#include "tests/support/json.h"
#include "tests/support/one_shot.h"
#include "tests/support/proc.h"
#include "tests/support/site.h"
#include "tests/support/tools.h"
#include "tests/test.h"

using namespace forklift::test;
using namespace std::chrono_literals;

/// Mode http, with real servers in Python.
namespace {

int count_of(const std::string& text, const std::string& word) {
    int count = 0;
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++count;
    return count;
}

}  // namespace

TEST_CASE("Python's own web server answers function URL events") {
    if (!has_tool("python3")) return;
    const std::string port = free_port();
    Site site({{"FORKLIFT_COMMAND", "python3 -m http.server " + port}, {"FORKLIFT_PORT", port}});
    site.root.file("page.html", "<p>h\u00e9llo</p>\n");
    site.root.file("picture.png", std::string("\x89PNG\0\xff", 6));
    const auto page = site.answer(web("GET", "/page.html"));
    CHECK(page.number("/statusCode") == 200);
    CHECK(page.text("/headers/Content-type") == "text/html");
    CHECK(page.text("/body") == "<p>h\u00e9llo</p>\n");
    CHECK_FALSE(page.has("/headers/Content-Length"));
    const auto picture = site.post(web("GET", "/picture.png"));
    CHECK(contains(picture.body(), R"("body":"iVBORwD/","isBase64Encoded":true)"));
    CHECK(picture.header("Content-Type") == "application/json");
    CHECK(site.answer(web("GET", "/nowhere")).number("/statusCode") == 404);
    CHECK(site.answer(web("HEAD", "/page.html")).text("/body").empty());
    CHECK(site.answer(web("DELETE", "/page.html")).number("/statusCode") == 501);
}

TEST_CASE("a web server sees the request with the context of the invocation") {
    if (!has_tool("python3")) return;
    Site site;
    Event event = web("GET", "/seen",
                      R"(,"rawQueryString":"a=1&b=%20","cookies":["x=1","y=2"],)"
                      R"("headers":{"host":"example.org","accept":"text/html"})");
    event.headers = {{"Lambda-Runtime-Trace-Id", "Root=1-2-3"}};
    const Json seen(site.answer(event).text("/body"));
    CHECK(seen.text("/method") == "GET");
    CHECK(seen.text("/path") == "/seen?a=1&b=%20");
    CHECK(seen.text("/named/Host") == "example.org");
    CHECK(seen.text("/named/accept") == "text/html");
    CHECK(seen.text("/named/Cookie") == "x=1; y=2");
    CHECK(seen.text("/named/Lambda-Runtime-Aws-Request-Id") == event.id);
    CHECK(seen.text("/named/Lambda-Runtime-Trace-Id") == "Root=1-2-3");
    CHECK_FALSE(seen.has("/named/Content-Type"));
    CHECK_FALSE(seen.has("/named/Content-Length"));
    const Json put(site.answer(web("PUT", "/seen")).text("/body"));
    CHECK(put.text("/method") == "PUT");
    CHECK(put.text("/named/Content-Length") == "0");
    CHECK_FALSE(put.has("/named/Content-Type"));
}

TEST_CASE("bodies pass a web server in both directions") {
    if (!has_tool("python3")) return;
    Site site;
    const auto text = site.answer(
        web("POST", "/echo", R"(,"headers":{"content-type":"text/plain"},"body":"h\u00e9llo")"));
    CHECK(text.text("/body") == "h\u00e9llo");
    CHECK(text.text("/headers/Content-Type") == "text/plain");
    const auto binary =
        site.post(web("PUT", "/echo", R"(,"body":"iVBORwD/","isBase64Encoded":true)"));
    CHECK(contains(binary.body(), R"("body":"iVBORwD/","isBase64Encoded":true)"));
    CHECK(site.answer(web("PATCH", "/missing", R"(,"body":"x")")).number("/statusCode") == 404);
    CHECK(site.answer(web("GET", "/cookies")).texts("/cookies") ==
          std::vector<std::string>{"a=1", "b=2"});
    CHECK(site.server.connections() >= 1);
    CHECK(site.starts() == 1);
}

TEST_CASE("an event that is no request is posted to the root") {
    if (!has_tool("python3")) return;
    Site site;
    CHECK(site.post({.payload = R"({"a": 1})"}).body() == R"({"a": 1})");
    CHECK(site.post({.payload = "not JSON"}).body() == "\"not JSON\"");
}

TEST_CASE("a status that is not a success is the error of an event that is no request") {
    if (!has_tool("python3")) return;
    std::string failing = Site::usual_program;
    failing.replace(failing.find("path == \"/fail\""), 15, "path == \"/\"");
    Site site(failing, {});
    const auto error = site.error({.payload = "{}"});
    CHECK(error.text("/errorType") == "Function.HttpStatus");
    CHECK(contains(error.text("/errorMessage"), "500"));
    CHECK(contains(error.text("/errorMessage"), "no tea"));
    CHECK(site.answer(web("GET", "/")).number("/statusCode") == 500);
}

TEST_CASE("each request has a connection of its own, so that none is lost to one being closed") {
    if (!has_tool("python3")) return;
    Site site;
    const auto connection = [&] { return site.answer(web("GET", "/connection")).text("/body"); };
    const auto first = connection();
    CHECK(connection() != first);
    for (int i = 0; i < 20; ++i) CHECK(site.answer(web("GET", "/leave")).text("/body") == "bye");
    CHECK(site.starts() == 1);
}

TEST_CASE("what a web server writes is in the log") {
    if (!has_tool("python3")) return;
    Site site;
    site.pid();
    CHECK(contains(site.bootstrap->wait_for_errors("started\n"), "started"));
}

TEST_CASE("a web server that does not answer is stopped before the deadline, and started again") {
    if (!has_tool("python3")) return;
    Site site;
    const auto first = site.pid();
    Event slow = web("GET", "/slow");
    slow.time_left = 1000ms;
    const auto error = site.error(slow);
    CHECK(error.text("/errorType") == "Function.Timeout");
    CHECK(contains(error.text("/errorMessage"), "300 ms before Lambda's deadline"));
    CHECK(site.pid() != first);
    CHECK_FALSE(is_alive(std::stoi(first)));
}

TEST_CASE("a web server that ends in an event is an error, and another follows") {
    if (!has_tool("python3")) return;
    Site site;
    const auto first = site.pid();
    const auto error = site.error(web("GET", "/die"));
    CHECK(error.text("/errorType") == "Function.ServerExit");
    CHECK(contains(error.text("/errorMessage"), "exit status 7"));
    CHECK(error.texts("/stackTrace") == std::vector<std::string>{"last words"});
    CHECK(site.pid() != first);
    CHECK(site.error(web("GET", "/hang-up")).text("/errorType") == "Function.NoResponse");
    CHECK(site.starts() == 2);
}

TEST_CASE("a web server that ends while it is idle is followed before the next event") {
    if (!has_tool("python3")) return;
    Site site;
    for (int i = 0; i < 3; ++i) {
        const auto pid = std::stoi(site.pid());
        site.server.wait_until_idle();
        ::kill(pid, SIGKILL);
        // One whose threads are still dying may take an event with it.
        CHECK(eventually([&] { return count_of(site.bootstrap->errors(), "idle") == i + 1; }));
        CHECK(std::stoi(site.pid()) != pid);
    }
    site.server.wait_until_idle();
    const auto starts = site.starts();
    ::kill(std::stoi(site.pid()), SIGKILL);
    CHECK(eventually([&] { return site.starts() == starts + 1; }));
}

TEST_CASE("a response over the limit is an error, and the web server goes on") {
    if (!has_tool("python3")) return;
    Site site;
    const auto first = site.pid();
    CHECK(site.error(web("GET", "/large")).text("/errorType") == "Function.ResponseSizeTooLarge");
    CHECK(site.pid() == first);
}

TEST_CASE("Lambda is asked for events once the web server accepts connections") {
    if (!has_tool("python3")) return;
    Site site;
    site.root.file("wait", "");
    site.server.add(web("GET", "/pid"));
    site.begin();
    site.root.wait_for_file("starts");
    std::this_thread::sleep_for(200ms);
    CHECK(site.server.polls() == 0);
    std::filesystem::remove(site.root.path_of("wait"));
    CHECK(site.server.next_post().path == response_path());
}

TEST_CASE("a web server that ends before it listens is an init error") {
    if (!has_tool("python3")) return;
    Site site;
    site.root.file("broken", "");
    site.begin();
    const auto post = site.server.next_post();
    CHECK(post.path == "/2018-06-01/runtime/init/error");
    const Json error(post.body());
    CHECK(error.text("/errorType") == "Function.ServerExit");
    CHECK(contains(error.text("/errorMessage"), "exit status 3 before it accepted"));
    CHECK(contains(error.text("/errorMessage"), "cannot start today"));
    CHECK(site.bootstrap->wait().exit == 1);
    CHECK(site.server.polls() == 0);
}

TEST_CASE("a web server that cannot start again is the error of each event") {
    if (!has_tool("python3")) return;
    Site site;
    site.pid();
    site.root.file("broken", "");
    CHECK(site.error(web("GET", "/die")).text("/errorType") == "Function.ServerExit");
    CHECK(contains(site.error(web("GET", "/pid")).text("/errorMessage"), "cannot start today"));
    CHECK(contains(site.error(web("GET", "/pid")).text("/errorMessage"), "cannot start today"));
    std::filesystem::remove(site.root.path_of("broken"));
    CHECK(site.answer(web("GET", "/pid")).number("/statusCode") == 200);
}

TEST_CASE("a port that is taken is an init error") {
    if (!has_tool("python3")) return;
    Site site;
    site.pid();
    const auto address = site.server.address();
    RuntimeApiServer other;
    const auto port = address.substr(address.rfind(':') + 1);
    Bootstrap bootstrap(other, site.root, "site",
                        {{"FORKLIFT_COMMAND", "python3 server.py"},
                         {"FORKLIFT_MODE", "http"},
                         {"FORKLIFT_PORT", port}});
    CHECK(Json(other.next_post().body()).text("/errorType") == "Runtime.PortTaken");
    CHECK(bootstrap.wait().exit == 1);
}

TEST_CASE("SIGTERM ends a bootstrap and its web server, whatever they do") {
    if (!has_tool("python3")) return;
    const auto check_end = [](Site& site) {
        const auto processes = descendants_of(site.bootstrap->pid());
        CHECK_FALSE(processes.empty());
        site.bootstrap->signal(SIGTERM);
        CHECK(site.bootstrap->wait(5s).exit == 0);
        for (const auto& process : processes) CHECK_FALSE(is_alive(process.pid));
    };
    Site idle;
    idle.pid();
    idle.server.wait_until_idle();
    check_end(idle);

    Site busy;
    busy.pid();
    busy.server.add(web("GET", "/slow"));
    busy.root.wait_for_file("slow");
    check_end(busy);
    CHECK(contains(busy.server.next_post().body(), "Runtime.Terminated"));

    Site starting;
    starting.root.file("wait", "");
    starting.begin();
    starting.root.wait_for_file("starts");
    check_end(starting);
    CHECK(starting.server.posts().empty());
}

TEST_CASE("options that a web server cannot have are named at init") {
    const auto message = [](Variables environment) {
        RuntimeApiServer server;
        TaskRoot root;
        environment.insert({"FORKLIFT_MODE", "http"});
        Bootstrap bootstrap(server, root, root.script("handler", "cat"), environment);
        return Json(server.next_post().body()).text("/errorMessage");
    };
    CHECK(contains(message({}), "/port: found no port"));
    CHECK(contains(message({{"FORKLIFT_PORT", "65536"}}), "1 to 65535"));
    CHECK(contains(message({{"FORKLIFT_PORT", "80"}, {"FORKLIFT_INPUT", "body"}}), "/input"));
    CHECK(contains(message({{"FORKLIFT_PORT", "80"}, {"FORKLIFT_FRAMING", "lines"}}),
                   "only with mode worker"));
    CHECK(contains(message({{"FORKLIFT_PORT", "80"}, {"FORKLIFT_COMMAND", "handler {/a}"}}),
                   "no templates with mode http"));
    CHECK(contains(message({{"FORKLIFT_MODE", "fork"}, {"FORKLIFT_PORT", "80"}}),
                   "only with mode http"));
}

TEST_CASE("the three handlers of one file work from one folder", "[tools]") {
    if (!has_tool("python3") || !has_tool("convert") || !has_tool("perl")) return;
    const std::string port = free_port();
    TaskRoot root;
    root.file("forklift.json", R"({ "handlers": {
    "thumbnail": { "command": ["convert", "-", "-resize", "{/width}x", "png:-"], "input": "/image",
                   "input_encoding": "base64", "output": "base64", "exit_errors": {"1": "BadImage"} },
    "report":    { "command": ["perl", "report.pl"], "mode": "worker", "framing": "lines",
                   "max_requests": 500 },
    "site":      { "command": ["python3", "-m", "http.server", ")" +
                                   port + R"("], "mode": "http", "port": )" + port + " } } }");
    root.file("report.pl", "$| = 1;\nwhile (<STDIN>) { print '{\"line\":', $., \"}\\n\"; }\n");
    const std::string pixel = "UDYgMSAxIDI1NQr/AAA=";  // P6, 1x1, red
    const std::map<std::string, std::string> events = {
        {"thumbnail", R"({"width": 3, "image": ")" + pixel + "\"}"},
        {"report", "{}"},
        {"site", web("GET", "/report.pl").payload}};
    const auto check_answer = [](const std::string& name, const std::string& answer) {
        CAPTURE(name, answer);
        if (name == "thumbnail") CHECK(begins_with(answer, "\"iVBORw0KGgo"));
        if (name == "report") CHECK(answer == R"({"line":1})");
        if (name == "site") CHECK(Json(answer).number("/statusCode") == 200);
    };
    for (const auto& [name, event] : events) {
        const auto invoked = run_forklift({"invoke", root.path_of(name), event});
        CHECK(invoked.exit == 0);
        check_answer(name, invoked.output);
        const ForkliftServe server({root.path_of(name)});
        check_answer(name, exchange(server.port(), "POST",
                                    "/2015-03-31/functions/" + name + "/invocations", {}, event)
                               .body);
    }
    const auto failed =
        run_forklift({"invoke", root.path_of("thumbnail"), R"({"width": 3, "image": "AAAA"})"});
    CHECK(failed.exit == 1);
    CHECK(contains(failed.output, "BadImage"));
}
