#include "process/tail.h"

#include "tests/test.h"

using forklift::process::Tail;
using Lines = std::vector<std::string>;

TEST_CASE("a tail keeps the last lines in their order") {
    Tail tail(1024, 3);
    tail.add("one\ntwo\nthr");
    tail.add("ee\nfour\n");
    CHECK(tail.lines() == Lines{"two", "three", "four"});
}

TEST_CASE("a last line without its end is a line") {
    Tail tail;
    tail.add("one\ntwo");
    CHECK(tail.lines() == Lines{"one", "two"});
}

TEST_CASE("a tail of nothing has no lines") {
    Tail tail;
    CHECK(tail.lines().empty());
    tail.add("");
    CHECK(tail.lines().empty());
}

TEST_CASE("empty lines between others are kept") {
    Tail tail;
    tail.add("one\n\ntwo\n");
    CHECK(tail.lines() == Lines{"one", "", "two"});
}

TEST_CASE("a line that is too long is cut at its beginning and says so") {
    Tail tail(10, 3);
    tail.add(std::string(100, 'a') + "bcdef");
    const auto lines = tail.lines();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] == "...aaaaabcdef");
}

TEST_CASE("a tail is the same in whatever pieces the stream comes") {
    std::string stream;
    for (int i = 0; i < 5000; ++i) stream += "line " + std::to_string(i) + "\n";
    Tail whole(512, 8);
    whole.add(stream);
    for (const std::size_t step : {1U, 7U, 511U, 512U, 513U, 1024U, 5000U}) {
        Tail pieces(512, 8);
        for (std::size_t at = 0; at < stream.size(); at += step)
            pieces.add(stream.substr(at, step));
        CAPTURE(step);
        CHECK(pieces.lines() == whole.lines());
    }
    CHECK(whole.lines().size() == 8);
    CHECK(whole.lines().back() == "line 4999");
}
