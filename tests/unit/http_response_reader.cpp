#include "protocol/http_response_reader.h"

#include "tests/test.h"

using namespace forklift::protocol;
using forklift::test::contains;
using State = HttpResponseReader::State;

namespace {

/// Feeds `bytes` in pieces of `size`, as a connection might bring them; returns what was not taken.
std::string feed(HttpResponseReader& reader, const std::string& bytes, std::size_t size) {
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        waiting += bytes.substr(at, size);
        waiting.erase(0, reader.take(waiting));
    }
    return waiting;
}

}  // namespace

TEST_CASE("a response is the same in pieces of any size") {
    const std::string bytes =
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nContent-Type: a/b\r\n"
        "Content-Length: 11\r\n\r\nhello\r\nworl";
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
        HttpResponseReader reader(0, false);
        CHECK(feed(reader, bytes, size).empty());
        REQUIRE(reader.state() == State::done);
        CHECK(reader.keeps_connection());
        const auto response = reader.release();
        CHECK(response.status == 200);
        CHECK(response.headers.find("lambda-runtime-aws-request-id") == "id-1");
        CHECK(response.headers.find("content-type") == "a/b");
        CHECK(response.body == "hello\r\nworl");
    }
}

TEST_CASE("chunks are put together, whatever their pieces") {
    const std::string bytes =
        "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\na;x=y\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n";
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
        HttpResponseReader reader(0, false);
        CHECK(feed(reader, bytes, size).empty());
        REQUIRE(reader.state() == State::done);
        CHECK(reader.release().body == "abc0123456789");
    }
}

TEST_CASE("what follows a response is left where it is") {
    HttpResponseReader reader(0, false);
    CHECK(feed(reader, "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 500", 1000) == "HTTP/1.1 500");
    CHECK(reader.state() == State::done);
}

TEST_CASE("a body without a length ends with the connection") {
    HttpResponseReader reader(0, false);
    feed(reader, "HTTP/1.0 200 OK\r\n\r\nto the end", 7);
    CHECK(reader.state() == State::more);
    reader.take_end();
    REQUIRE(reader.state() == State::done);
    CHECK_FALSE(reader.keeps_connection());
    CHECK(reader.release().body == "to the end");
}

TEST_CASE("a connection that ends too early has brought no response") {
    for (const char* bytes :
         {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1"}) {
        HttpResponseReader reader(0, false);
        feed(reader, bytes, 100);
        reader.take_end();
        CHECK(reader.state() == State::broken);
    }
}

TEST_CASE("what is no HTTP is found broken, with a reason") {
    HttpResponseReader reader(0, false);
    feed(reader, "SSH-2.0-OpenSSH_9.2\r\n\r\n", 100);
    CHECK(reader.state() == State::broken);
    CHECK_FALSE(reader.mistake().empty());
    CHECK_FALSE(reader.too_large());
}

TEST_CASE("a body over the limit is broken off, and known for that") {
    const std::string at_limit = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n1234";
    HttpResponseReader fits(4, false);
    feed(fits, at_limit, 5);
    CHECK(fits.state() == State::done);
    HttpResponseReader over(3, false);
    feed(over, at_limit, 5);
    CHECK(over.state() == State::broken);
    CHECK(over.too_large() == 4);
    HttpResponseReader chunked(3, false);
    feed(chunked, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n",
         100);
    CHECK(chunked.state() == State::broken);
    CHECK(chunked.too_large() == 5);
}

TEST_CASE("a server of something else is not waited for") {
    HttpResponseReader reader(0, false);
    feed(reader, "220 mail.example ESMTP", 100);
    CHECK(reader.state() == State::broken);
    CHECK(contains(reader.mistake(), "220 mail.example"));
}

TEST_CASE("trailers are no headers") {
    HttpResponseReader reader(0, false);
    feed(reader,
         "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
         "2\r\nok\r\n0\r\nSet-Cookie: sid=1\r\nContent-Type: text/html\r\n\r\n",
         1000);
    REQUIRE(reader.state() == State::done);
    const auto response = reader.release();
    CHECK(response.body == "ok");
    CHECK_FALSE(response.headers.find("Set-Cookie"));
    CHECK(std::distance(response.headers.begin(), response.headers.end()) == 2);
}

TEST_CASE("headers of several hundred kilobytes are taken") {
    const std::string value(300'000, 'v');
    HttpResponseReader reader(0, false);
    feed(reader, "HTTP/1.1 200 OK\r\nLong: " + value + "\r\nContent-Length: 0\r\n\r\n", 65536);
    REQUIRE(reader.state() == State::done);
    CHECK((reader.release().headers.find("Long") == value));
}

TEST_CASE("trailers are dropped whatever is in them, and nothing behind them is") {
    for (const std::string trailers :
         {"", "Content-Length: 2\r\n", "Transfer-Encoding: gzip\r\n", "Connection: close, \x80\r\n",
          "X: a\x7f\r\n", "X: a\nY: b\r\n", "no colon\r\n", "X: a\r\n b\r\n"}) {
        CAPTURE(trailers);
        const std::string bytes =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0;x=y\r\n" + trailers +
            "\r\n";
        for (std::size_t size = 1; size <= bytes.size(); ++size) {
            HttpResponseReader reader(0, false);
            CHECK(feed(reader, bytes, size).empty());
            REQUIRE(reader.state() == State::done);
            CHECK(reader.keeps_connection());
            CHECK(reader.release().body == "ok");
        }
        HttpResponseReader reader(0, false);
        CHECK(feed(reader, bytes + "HTTP/1.1 500", bytes.size() + 12) == "HTTP/1.1 500");
    }
}
