#include "protocol/http_response_head.h"

#include "tests/test.h"

using namespace forklift::protocol;
using forklift::test::contains;
using Kind = BodyFraming::Kind;

namespace {

ResponseHead head_of(const std::string& lines, bool answers_head = false) {
    const auto read = read_response_head(lines + "\r\n", answers_head);
    if (const auto* wrong = std::get_if<NoResponseHead>(&read)) FAIL(wrong->message);
    return std::get<ResponseHead>(read);
}

std::string mistake_in(const std::string& lines) {
    const auto read = read_response_head(lines + "\r\n", false);
    REQUIRE(std::holds_alternative<NoResponseHead>(read));
    return std::get<NoResponseHead>(read).message;
}

std::string value_in(const std::string& field) {
    const auto head = head_of("HTTP/1.1 200 OK\r\n" + field + "\r\n");
    return std::string(head.headers.find("X").value_or("none"));
}

}  // namespace

TEST_CASE("a header's value is taken whatever bytes it holds") {
    CHECK(value_in("X: {\"a\":\"\x7f\"}") == "{\"a\":\"\x7f\"}");
    CHECK(value_in("X: a\x01z\x1f") == "a\x01z\x1f");
    CHECK(value_in("X: \xff\x80") == "\xff\x80");
    CHECK(value_in("X:\ta\tb\t") == "a\tb");
    CHECK(value_in("X:") == "");
    CHECK(value_in("X:   \t ") == "");
    CHECK(value_in("X : 1") == "1");
}

TEST_CASE("what could begin another line in a header's value becomes a space") {
    CHECK(value_in("X: a\rb") == "a b");
    CHECK(value_in(std::string("X: a\0b", 6)) == "a b");
}

TEST_CASE("a folded header is one value with a space") {
    CHECK(value_in("X: a,\r\n   b\r\n\tc") == "a, b c");
    CHECK(value_in("X:\r\n b") == "b");
    CHECK(contains(mistake_in("HTTP/1.1 200 OK\r\n X: 1\r\n"), "folded"));
}

TEST_CASE("lines may end in a bare line feed") {
    CHECK(head_of("HTTP/1.1 200 OK\nX: 1\n").headers.find("X") == "1");
    CHECK(find_head_end("HTTP/1.1 200\n\nbody", 0) == 14);
    CHECK(find_head_end("HTTP/1.1 200\r\n\r\nbody", 15) == 16);
    CHECK_FALSE(find_head_end("HTTP/1.1 200\r\n\r", 0));
}

TEST_CASE("two lengths are no HTTP answer, and one that is said twice is") {
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    CHECK(contains(mistake_in(ok + "Content-Length: 4\r\nContent-Length: 5\r\n"), "two lengths"));
    CHECK(contains(mistake_in(ok + "Content-Length: 4, 5\r\n"), "two lengths"));
    CHECK(head_of(ok + "Content-Length: 4\r\nContent-Length: 4\r\n").framing.length == 4);
    CHECK(contains(mistake_in(ok + "Content-Length: four\r\n"), "\"four\""));
    CHECK(contains(mistake_in(ok + "Content-Length: -1\r\n"), "no number of bytes"));
    CHECK(contains(mistake_in(ok + "Content-Length:\r\n"), "no number of bytes"));
}

TEST_CASE("chunks win over a length, and the connection is not trusted after that") {
    const auto head =
        head_of("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: Chunked\r\n");
    CHECK(head.framing.kind == Kind::chunked);
    CHECK_FALSE(head.keeps_connection);
    CHECK(contains(mistake_in("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n"), "gzip"));
}

TEST_CASE("an answer without a body has none, whatever it says of its length") {
    for (const char* status : {"100 Continue", "204 No Content", "304 Not Modified"}) {
        const auto head = head_of(std::string("HTTP/1.1 ") + status + "\r\nContent-Length: 9\r\n");
        CHECK(head.framing.kind == Kind::counted);
        CHECK(head.framing.length == 0);
    }
    const auto head = head_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", true);
    CHECK(head.framing.kind == Kind::counted);
    CHECK(head_of("HTTP/1.1 200 OK\r\n").framing.kind == Kind::until_close);
}

TEST_CASE("a connection is kept as its version and its headers say") {
    const std::string length = "Content-Length: 0\r\n";
    CHECK(head_of("HTTP/1.1 200 OK\r\n" + length).keeps_connection);
    CHECK_FALSE(head_of("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n" + length).keeps_connection);
    CHECK_FALSE(head_of("HTTP/1.0 200 OK\r\n" + length).keeps_connection);
    CHECK(head_of("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + length).keeps_connection);
    CHECK_FALSE(head_of("HTTP/1.1 200 OK\r\n").keeps_connection);
    CHECK_FALSE(
        head_of("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n")
            .keeps_connection);
}

TEST_CASE("what is no head says which line is to blame") {
    CHECK(contains(mistake_in("HTTP/2 200\r\n"), "\"HTTP/2 200\""));
    CHECK(contains(mistake_in("HTTP/1.1 20\r\n"), "status line"));
    CHECK(contains(mistake_in("HTTP/1.1 101 Switching\r\n"), "switches protocols"));
    for (const auto* coding : {"", "gzip", "chunked, chunked", "gzip, chunked"})
        CHECK(contains(
            mistake_in("HTTP/1.1 200 OK\r\nTransfer-Encoding: " + std::string(coding) + "\r\n"),
            "only chunked is understood"));
    CHECK(contains(mistake_in("HTTP/1.1 099 Odd\r\n"), "status line"));
    CHECK(contains(mistake_in("HTTP/1.1 2000\r\n"), "status line"));
    CHECK(contains(mistake_in("HTTP/1.1 200 OK\r\nno colon\r\n"), "\"no colon\""));
    CHECK(contains(mistake_in("HTTP/1.1 200 OK\r\n: 1\r\n"), "header line"));
    CHECK(contains(mistake_in("HTTP/1.1 200 OK\r\na b: 1\r\n"), "header line"));
    CHECK(head_of("HTTP/1.1 200\r\n").status == 200);
    CHECK(head_of("HTTP/1.1 599 \r\n").status == 599);
}
