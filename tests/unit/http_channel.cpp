#include "protocol/http_channel.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <thread>

#include "protocol/host_connector.h"
#include "tests/test.h"

using namespace forklift::protocol;
using forklift::test::contains;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

/// A server that handles its connections one after the other, in the way that the test says.
class Server {
  public:
    explicit Server(std::vector<std::function<void(tcp::socket&)>> connections)
        : thread_([this, connections = std::move(connections)] {
              for (const auto& serve : connections) {
                  tcp::socket socket = acceptor_.accept();
                  serve(socket);
              }
          }) {}
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() { thread_.join(); }

    std::string authority() const {
        return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }

  private:
    boost::asio::io_context io_;
    tcp::acceptor acceptor_{io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
    std::thread thread_;
};

/// Reads one request whose body, if it has one, has `body_size` bytes.
std::string read_request(tcp::socket& socket, std::size_t body_size = 0) {
    std::string text;
    const auto head =
        boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n");
    if (text.size() < head + body_size)
        boost::asio::read(socket, boost::asio::dynamic_buffer(text),
                          boost::asio::transfer_exactly(head + body_size - text.size()));
    return text;
}

void say(tcp::socket& socket, const std::string& text) {
    boost::asio::write(socket, boost::asio::buffer(text));
}

void reset(tcp::socket& socket) {
    socket.set_option(boost::asio::socket_base::linger(true, 0));
    socket.close();
}

constexpr const char* ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

void answer_ok(tcp::socket& socket) {
    read_request(socket);
    say(socket, ok);
}

/// Reads a request, and keeps silent until the client goes away.
void give_no_answer(tcp::socket& socket) {
    read_request(socket);
    char byte;
    boost::system::error_code ended;
    socket.read_some(boost::asio::buffer(&byte, 1), ended);
}

/// A channel and the loop it works in.
struct Client {
    boost::asio::io_context loop;
    HttpChannel channel;

    explicit Client(const std::string& authority)
        : channel(std::make_unique<HostConnector>(loop.get_executor(), authority),
                  HttpChannel::Connections::kept,
                  "Host: " + authority + "\r\nUser-Agent: test/1\r\n") {}

    HttpResult send(const HttpRequest& request) {
        auto result = boost::asio::co_spawn(loop, channel.send(request), boost::asio::use_future);
        loop.restart();
        while (result.wait_for(0s) != std::future_status::ready) loop.run_one();
        return result.get();
    }
};

HttpRequest get() {
    HttpRequest request;
    request.target = "/next";
    return request;
}

HttpRequest post(std::string_view body) {
    HttpRequest request;
    request.target = "/answer";
    request.body = body;
    return request;
}

HttpError error_of(const HttpResult& result) {
    REQUIRE(std::holds_alternative<HttpError>(result));
    return std::get<HttpError>(result);
}

std::string body_of(const HttpResult& result) {
    if (const auto* error = std::get_if<HttpError>(&result)) FAIL(error->message);
    return std::get<HttpResponse>(result).body;
}

}  // namespace

TEST_CASE("requests that follow each other share a connection") {
    std::string first, second;
    Server server({[&](tcp::socket& socket) {
        first = read_request(socket);
        say(socket, ok);
        second = read_request(socket, 4);
        say(socket, ok);
    }});
    Client client(server.authority());
    CHECK(body_of(client.send(get())) == "ok");
    auto request = post("body");
    request.headers.add("X-Name", "value\r\nX-Smuggled: 1");
    CHECK(body_of(client.send(request)) == "ok");
    CHECK(first ==
          "GET /next HTTP/1.1\r\nHost: " + server.authority() + "\r\nUser-Agent: test/1\r\n\r\n");
    CHECK(second == "POST /answer HTTP/1.1\r\nHost: " + server.authority() +
                        "\r\nUser-Agent: test/1\r\nX-Name: value  X-Smuggled: 1\r\n"
                        "Content-Length: 4\r\n\r\nbody");
}

TEST_CASE("a connection is opened anew when the server keeps none") {
    const auto once = [](tcp::socket& socket) {
        read_request(socket);
        say(socket, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1");
    };
    Server server({once, once});
    Client client(server.authority());
    CHECK(body_of(client.send(get())) == "1");
    CHECK(body_of(client.send(get())) == "1");
}

TEST_CASE("a connection on which something unasked has come is used no more") {
    Server server({[](tcp::socket& socket) {
                       read_request(socket);
                       say(socket, std::string(ok) + "HTTP/1.1 200 OK\r\n");
                   },
                   answer_ok});
    Client client(server.authority());
    CHECK(body_of(client.send(get())) == "ok");
    CHECK(body_of(client.send(get())) == "ok");
}

TEST_CASE("an interim response is passed over") {
    Server server({[](tcp::socket& socket) {
        read_request(socket);
        say(socket, std::string("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n") + ok);
    }});
    Client client(server.authority());
    const auto result = client.send(get());
    CHECK(body_of(result) == "ok");
    CHECK_FALSE(std::get<HttpResponse>(result).headers.find("Link"));
}

TEST_CASE("a request that the server has read may have been taken") {
    Server server({[](tcp::socket& socket) { read_request(socket, 1); }});
    Client client(server.authority());
    const auto error = error_of(client.send(post("1")));
    CHECK(error.acknowledged == HttpError::Acknowledged::maybe);
    CHECK(contains(error.message, "closed before an answer"));
}

TEST_CASE("a request to a server that is not there was not taken") {
    std::string authority;
    { authority = Server({}).authority(); }
    Client client(authority);
    CHECK(error_of(client.send(get())).acknowledged == HttpError::Acknowledged::none);
}

TEST_CASE("half an answer is an error that says so") {
    Server server({[](tcp::socket& socket) {
        read_request(socket);
        say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf");
    }});
    Client client(server.authority());
    CHECK(contains(error_of(client.send(get())).message, "in the middle of the answer"));
}

TEST_CASE("a reset connection is an error that says so") {
    Server server({[](tcp::socket& socket) {
        read_request(socket);
        reset(socket);
    }});
    Client client(server.authority());
    CHECK(contains(error_of(client.send(get())).message, "reset by peer"));
}

TEST_CASE("an answer that does not come in time is an error, and the next request goes out anew") {
    Server server({give_no_answer, answer_ok});
    Client client(server.authority());
    auto hurried = get();
    hurried.timeout = 50ms;
    CHECK(contains(error_of(client.send(hurried)).message, "no answer came in time"));
    CHECK(body_of(client.send(get())) == "ok");
}

TEST_CASE("a server that answers before it has read a large body is heard") {
    const std::string large(20'000'000, 'x');
    Server server({[](tcp::socket& socket) {
                       read_request(socket);
                       say(socket,
                           "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
                       // Until the client is gone.
                       std::string rest;
                       boost::system::error_code ended;
                       boost::asio::read(socket, boost::asio::dynamic_buffer(rest), ended);
                   },
                   answer_ok});
    Client client(server.authority());
    const auto result = client.send(post(large));
    CHECK(body_of(result) == "big");
    CHECK(std::get<HttpResponse>(result).status == 413);
    CHECK(body_of(client.send(get())) == "ok");
}

TEST_CASE("a large body arrives whole") {
    std::string large(6'000'000, 'x');
    for (std::size_t i = 0; i < large.size(); i += 1000) large[i] = static_cast<char>('a' + i % 26);
    std::string arrived;
    Server server({[&](tcp::socket& socket) {
        arrived = read_request(socket, large.size());
        say(socket, ok);
    }});
    Client client(server.authority());
    CHECK(body_of(client.send(post(large))) == "ok");
    CHECK(
        (arrived.size() > large.size() && arrived.substr(arrived.size() - large.size()) == large));
}

TEST_CASE("a request that is called off is an error, and the channel goes on") {
    Server server({give_no_answer, answer_ok});
    Client client(server.authority());
    boost::asio::steady_timer calls_off(client.loop, 20ms);
    calls_off.async_wait([&](boost::system::error_code) { client.channel.cancel(); });
    CHECK(error_of(client.send(get())).message == "cancelled");
    CHECK(body_of(client.send(get())) == "ok");
}

TEST_CASE("a request is called off at whatever moment that happens") {
    // The moments differ in how far the loop has come: before the connection, between it and the
    // request, and after that.
    for (int turns = 1; turns <= 6; ++turns) {
        CAPTURE(turns);
        Server server({[](tcp::socket& socket) {
            char byte;
            boost::system::error_code ended;
            while (!ended) socket.read_some(boost::asio::buffer(&byte, 1), ended);
        }});
        auto client = std::make_unique<Client>(server.authority());
        const auto request = get();
        auto result = boost::asio::co_spawn(client->loop, client->channel.send(request),
                                            boost::asio::use_future);
        for (int turn = 0; turn < turns; ++turn) client->loop.run_one_for(50ms);
        client->channel.cancel();
        client->loop.run_for(2s);
        REQUIRE(result.wait_for(0s) == std::future_status::ready);
        CHECK(error_of(result.get()).message == "cancelled");
        // The server serves one connection, and may be waiting for it still.
        client.reset();
        boost::asio::io_context io;
        tcp::socket late(io);
        boost::system::error_code refused;
        const auto authority = server.authority();
        late.connect(
            {boost::asio::ip::address_v4::loopback(),
             static_cast<std::uint16_t>(std::stoi(authority.substr(authority.find(':') + 1)))},
            refused);
    }
}
