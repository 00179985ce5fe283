#include "protocol/worker_reader.h"

#include <random>
#include <vector>

#include "tests/test.h"

using namespace forklift::protocol;
using forklift::test::contains;

namespace {

constexpr std::size_t limit = 100;

/// What a reader made of a stream, in words that can be compared.
std::string describe(WorkerReader& reader) {
    std::string text;
    while (const auto message = reader.take()) {
        for (const auto& [name, value] : message->headers) text += name + "=" + value + " ";
        text += "[" + message->body + "]";
        if (message->too_large) text += " too large: " + std::to_string(message->body_size);
        if (!message->too_large) CHECK(message->body_size == message->body.size());
        for (const auto& [name, value] : message->trailers) text += " " + name + "=" + value;
        text += "\n";
    }
    if (reader.mistake()) return text + *reader.mistake();
    return text + std::to_string(reader.pending()) + " pending";
}

std::string read_whole(Framing framing, std::string_view stream) {
    WorkerReader reader(framing, limit);
    reader.feed(stream);
    return describe(reader);
}

std::string read_bytewise(Framing framing, std::string_view stream) {
    WorkerReader reader(framing, limit);
    for (const char c : stream) reader.feed(std::string_view(&c, 1));
    return describe(reader);
}

/// Reads the stream whole, in two pieces cut anywhere, and byte by byte, with the same result.
std::string read(Framing framing, const std::string& stream) {
    const std::string expected = read_whole(framing, stream);
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        WorkerReader reader(framing, limit);
        reader.feed(stream.substr(0, cut));
        reader.feed(stream.substr(cut));
        CAPTURE(cut);
        CHECK(describe(reader) == expected);
    }
    CHECK(read_bytewise(framing, stream) == expected);
    return expected;
}

std::string lines(const std::string& stream) { return read(Framing::lines, stream); }
std::string frames(const std::string& stream) { return read(Framing::framed, stream); }

std::string chunked(const std::string& rest) {
    return frames("Transfer-Encoding: chunked\r\n\r\n" + rest);
}

const std::string te = "Transfer-Encoding=chunked ";

}  // namespace

TEST_CASE("a line is a message") {
    CHECK(lines("one\n") == "[one]\n0 pending");
    CHECK(lines("one\ntwo\n") == "[one]\n[two]\n0 pending");
    CHECK(lines("\n") == "[]\n0 pending");
    CHECK(lines("one\ntw") == "[one]\n2 pending");
    CHECK(lines("") == "0 pending");
}

TEST_CASE("a carriage return before the line feed is dropped, and no other") {
    CHECK(lines("one\r\n") == "[one]\n0 pending");
    CHECK(lines("a\rb\r\r\n") == "[a\rb\r]\n0 pending");
    CHECK(lines("\r\n") == "[]\n0 pending");
    CHECK(lines("a\r") == "2 pending");
}

TEST_CASE("a line that is too large is counted and dropped") {
    CHECK(lines(std::string(limit, 'x') + "\r\n") ==
          "[" + std::string(limit, 'x') + "]\n0 pending");
    CHECK(lines(std::string(limit + 1, 'x') + "\n") == "[] too large: 101\n0 pending");
    CHECK(lines(std::string(300, 'x') + "\nb\n") == "[] too large: 300\n[b]\n0 pending");
}

TEST_CASE("a frame has header lines and a body of that length") {
    CHECK(frames("A: b\r\nContent-Length: 3\r\n\r\nabc") ==
          "A=b Content-Length=3 [abc]\n0 pending");
    CHECK(frames("content-length:0\r\n\r\n") == "content-length=0 []\n0 pending");
    CHECK(frames("Content-Length: 2\n\n\r\n") == "Content-Length=2 [\r\n]\n0 pending");
    CHECK(frames("Content-Length: 1\r\n\nx") == "Content-Length=1 [x]\n0 pending");
}

TEST_CASE("frames follow one another") {
    const std::string one = "Content-Length: 1\r\n\r\nx";
    CHECK(frames(one + one) == "Content-Length=1 [x]\nContent-Length=1 [x]\n0 pending");
    CHECK(frames(one + "Cont") == "Content-Length=1 [x]\n4 pending");
    CHECK(frames("Content-Length: 5\r\n\r\nabc") == "24 pending");
}

TEST_CASE("what has arrived is pending until its message is taken") {
    WorkerReader reader(Framing::framed, limit);
    reader.feed("Content-Length: 0\r\n\r\nCo");
    CHECK(reader.pending() == 23);
    CHECK(reader.take());
    CHECK(reader.pending() == 2);
    CHECK_FALSE(reader.take());
    CHECK(reader.pending() == 2);
}

TEST_CASE("a body that is too large is counted and dropped, and the next message read") {
    const std::string next = "Content-Length: 1\r\n\r\nx";
    const std::string large(limit + 1, 'x');
    CHECK(frames("Content-Length: 101\r\n\r\n" + large + next) ==
          "Content-Length=101 [] too large: 101\nContent-Length=1 [x]\n0 pending");
    CHECK(chunked("65\r\n" + large + "\r\n0\r\n\r\n" + next) ==
          te + "[] too large: 101\nContent-Length=1 [x]\n0 pending");
    CHECK(chunked("64\r\n" + std::string(100, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n") ==
          te + "[] too large: 101\n0 pending");
    CHECK(frames("Content-Length: 9223372036854775807\r\n\r\nabc") == "42 pending");
}

TEST_CASE("chunks are put together, and trailers follow them") {
    CHECK(chunked("0\r\n\r\n") == te + "[]\n0 pending");
    CHECK(chunked("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n") == te + "[abc0123456789]\n0 pending");
    CHECK(chunked("3\nabc\n0\n\n") == te + "[abc]\n0 pending");
    CHECK(chunked("3;a=b\r\nabc\r\n000;c\r\nT: 1\r\nU: 2\r\n\r\n") ==
          te + "[abc] T=1 U=2\n0 pending");
    CHECK(chunked("2\r\n\r\n\r\n0\r\n\r\n") == te + "[\r\n]\n0 pending");
    CHECK(contains(chunked("3\r\nabc\r\n"), "pending"));
    CHECK(frames("transfer-encoding: CHUNKED\n\n0\n\n") ==
          "transfer-encoding=CHUNKED []\n0 pending");
}

TEST_CASE("a line that is no header line is shown with its place") {
    CHECK(frames("hello\r\n") ==
          "message 1, byte 0: found the line \"hello\", where a header line (Name: value) must "
          "stand");
    CHECK(frames("A: b\r\n folded\r\n") ==
          "message 1, byte 6: found the line \" folded\", where a header line (Name: value) must "
          "stand");
    CHECK(contains(frames("{\"a\": \"\x1b\"}\n"), R"(found the line "{\"a\": \"\x1b\"}")"));
    CHECK(contains(chunked("0\r\nbroken\r\n"), "byte 33: found the line \"broken\""));
}

TEST_CASE("a body longer than its Content-Length is told by what follows it") {
    CHECK(frames("Content-Length: 3\r\n\r\nabcdef\n") ==
          "Content-Length=3 [abc]\nmessage 2, byte 0: found the line \"def\", where a header line "
          "(Name: value), or more bytes of the body before it, must stand");
}

TEST_CASE("a header that does not say the body's length is a mistake") {
    CHECK(frames("\r\n") ==
          "message 1, byte 0: found an empty line, where the first header line of a message "
          "(Name: value) must stand");
    CHECK(frames("INFO: started\r\n\r\n") ==
          "message 1, byte 15: found the end of a header that begins with \"INFO: started\", where "
          "Content-Length or Transfer-Encoding: chunked must stand");
    CHECK(contains(frames("Content-Length: 1\nTransfer-Encoding: chunked\n\n"),
                   "byte 45: found the end of a header with both Content-Length and "
                   "Transfer-Encoding, where a header with one of them must stand"));
    CHECK(contains(frames("Transfer-Encoding: gzip\r\n\r\n"),
                   "found Transfer-Encoding: \"gzip\", where chunked must stand"));
    CHECK(contains(frames("Content-Length: 1\r\ncontent-length: 2\r\n\r\n"),
                   "found 2 times Content-Length, where one must stand"));
}

TEST_CASE("a length that is no number is a mistake") {
    for (const std::string text : {"", "-1", "ten", "1 2", "99999999999999999999"}) {
        CHECK(contains(frames("Content-Length: " + text + "\r\n\r\n"),
                       "found Content-Length: \"" + text +
                           "\", where a number of bytes in decimal digits must stand"));
    }
}

TEST_CASE("a chunk that does not begin or end where it should is a mistake") {
    CHECK(contains(chunked("xyz\r\n"),
                   "byte 30: found the line \"xyz\", where the size of a chunk in hexadecimal "
                   "digits must stand"));
    CHECK(contains(chunked("\r\n"), "found the line \"\", where the size of a chunk"));
    CHECK(contains(read_whole(Framing::framed, "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n"),
                   "byte 36: found \"def\\r\\n\", where the line end after a chunk of 3 bytes must "
                   "stand"));
    CHECK(contains(read_whole(Framing::framed, "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\rd\n"),
                   "byte 37: found \"d\\n\", where the line end"));
    CHECK(contains(read_bytewise(Framing::framed, "Transfer-Encoding: chunked\n\n1\nabc"),
                   "byte 31: found \"b\", where the line end"));
}

TEST_CASE("a block of header lines has at most 64 KiB") {
    const std::string line = "A: " + std::string(1019, 'x') + "\r\n";
    std::string block;
    for (int i = 0; i < 63; ++i) block += line;
    const std::string end = "Content-Length: 1\r\n\r\n";
    const std::string filling(1024 - end.size() - 5, 'x');
    CHECK(contains(read_whole(Framing::framed, block + "B: " + filling + "\r\n" + end + "y"),
                   "[y]\n0 pending"));
    const std::string broken = block + "B: " + filling + "x\r\n" + end + "y";
    CHECK(read_whole(Framing::framed, broken) ==
          "message 1, byte 65536: found more than 65536 bytes of header lines, where the empty "
          "line that ends them must stand");
    CHECK(read_bytewise(Framing::framed, broken) == read_whole(Framing::framed, broken));
    CHECK(contains(read_whole(Framing::framed, std::string(70'000, 'x')), "more than 65536"));
    CHECK(contains(read_whole(Framing::framed, "Transfer-Encoding: chunked\n\n0\n" + block + block),
                   "more than 65536"));
}

TEST_CASE("nothing is taken after a mistake") {
    WorkerReader reader(Framing::framed, limit);
    reader.feed("nonsense\n");
    reader.feed("Content-Length: 1\r\n\r\nx");
    CHECK_FALSE(reader.take());
    CHECK(contains(*reader.mistake(), "nonsense"));
    CHECK(reader.pending() == 31);
}

TEST_CASE("a message that was whole before a mistake is taken first") {
    WorkerReader reader(Framing::framed, limit);
    reader.feed("Content-Length: 1\r\n\r\nxnonsense\n");
    CHECK_FALSE(reader.mistake());
    CHECK(reader.take()->body == "x");
    CHECK(reader.mistake());
}

TEST_CASE("a large body takes no more memory and time than its bytes") {
    const std::string body(6 * 1024 * 1024, 'x');
    for (const std::string& head :
         {std::string(), "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n",
          std::string("Transfer-Encoding: chunked\r\n\r\n600000\r\n")}) {
        WorkerReader reader(head.empty() ? Framing::lines : Framing::framed, body.size());
        reader.feed(head);
        for (std::size_t at = 0; at < body.size(); at += 4096)
            reader.feed(std::string_view(body).substr(at, 4096));
        if (head.empty()) reader.feed("\n");
        if (contains(head, "chunked")) reader.feed("\r\n0\r\n\r\n");
        const auto message = reader.take();
        REQUIRE(message);
        CHECK(message->body == body);
    }
}

TEST_CASE("a reader can be moved between messages and within one") {
    WorkerReader first(Framing::lines, limit);
    first.feed("o");
    WorkerReader second = std::move(first);
    second.feed("ne\n");
    CHECK(second.take()->body == "one");
}

TEST_CASE("whatever arrives is taken in pieces as it is whole") {
    std::mt19937 random(20240229);
    const std::vector<std::string> words = {"Content-Length: ",
                                            "Transfer-Encoding: chunked",
                                            "\r\n",
                                            "\n",
                                            "\r",
                                            "\r\n\r\n",
                                            "0",
                                            "3",
                                            "a",
                                            ":",
                                            " ",
                                            "abc",
                                            "ffffffffffffffff",
                                            ";",
                                            "A: b\r\n",
                                            std::string("\0\xff", 2)};
    for (int round = 0; round < 3000; ++round) {
        std::string stream;
        for (unsigned count = random() % 20; count > 0; --count) {
            if (random() % 8 == 0)
                stream += static_cast<char>(random());
            else
                stream += words[random() % words.size()];
        }
        for (const Framing framing : {Framing::lines, Framing::framed}) {
            const std::string expected = read_whole(framing, stream);
            // The bytes shown after a chunk are those that have arrived.
            if (contains(expected, "line end after a chunk")) continue;
            INFO(stream);
            CHECK(read_bytewise(framing, stream) == expected);
        }
    }
}
