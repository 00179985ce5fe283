#include "process/coprocess.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>

#include "tests/support/eventually.h"
#include "tests/support/proc.h"
#include "tests/test.h"

using namespace forklift;
using namespace std::chrono_literals;
using process::Coprocess;
using process::StopLadder;

namespace {

namespace asio = boost::asio;

struct Collector : process::StderrSink {
    void write(std::string_view more) override { text.append(more); }
    std::string text;
};

process::Command shell(const std::string& line) {
    return {"/bin/sh", {"sh", "-c", line}, process::Environment::of_this_process(), ""};
}

/// A child of these shell lines, and what was heard of it.
class Conversation {
  public:
    explicit Conversation(const std::string& line) {
        Coprocess::Events events;
        events.output = [this](std::string_view bytes) { output.append(bytes); };
        events.changed = [this] { ++changes; };
        child = std::get<0>(Coprocess::start(loop_.get_executor(), reaper_, shell(line), errors,
                                             std::move(events)));
    }

    /// Turns the loop until `condition` is true.
    template <typename Condition>
    bool until(Condition condition) {
        return test::eventually([&] {
            turn_for(1ms);
            return condition();
        });
    }

    bool until_output(const std::string& wanted) {
        return until([&] { return output == wanted; });
    }

    bool until_ended() {
        return until([&] { return child->ended(); });
    }

    void turn_for(std::chrono::milliseconds time) {
        loop_.restart();
        loop_.run_for(time);
    }

    bool stop(StopLadder ladder) { return result_of(child->stop(std::move(ladder))); }
    bool clear() { return result_of(child->clear(Coprocess::Escaped::ended, 5s)); }
    /// For a child that has not ended.
    bool kill() { return stop({{SIGKILL, 5s}}) && clear(); }

    Collector errors;
    std::string output;
    int changes = 0;

  private:
    bool result_of(asio::awaitable<bool> work) {
        std::optional<bool> result;
        asio::co_spawn(loop_, std::move(work),
                       [&](std::exception_ptr, bool value) { result = value; });
        REQUIRE(until([&] { return result.has_value(); }));
        return *result;
    }

    process::Reaper reaper_;
    asio::io_context loop_;

  public:
    std::shared_ptr<Coprocess> child;
};

/// The ended child still stands in the process table.
bool is_zombie(pid_t pid) {
    for (const auto& child : test::children_of(::getpid())) {
        if (child.pid == pid) return child.state == 'Z';
    }
    return false;
}

const std::size_t large = 2 * 1024 * 1024;

}  // namespace

TEST_CASE("a coprocess takes bytes and gives bytes for as long as it lives") {
    Conversation cat("exec cat");
    for (const std::string text : {"one", "two", "three"}) {
        cat.output.clear();
        cat.child->send(text);
        CHECK(cat.until_output(text));
        CHECK(cat.child->unsent() == 0);
        CHECK(cat.child->unread() == 0);
    }
    CHECK_FALSE(cat.child->ended());
    cat.child->close_input();
    CHECK(cat.until_ended());
    CHECK(std::get<process::Exited>(cat.child->status()).code == 0);
    CHECK(cat.clear());
}

TEST_CASE("what a coprocess has not read is counted") {
    Conversation sleeper("sleep 60");
    sleeper.child->send("four");
    CHECK(sleeper.child->unsent() == 0);
    CHECK(sleeper.child->unread() == 4);
    CHECK(sleeper.kill());

    Conversation late("sleep 60");
    late.child->send(std::string(large, 'x'));
    CHECK(late.child->unsent() > 0);
    CHECK(late.child->unread() == large);
    CHECK(late.kill());
}

TEST_CASE("a coprocess that has closed its stdin is found out by the next bytes for it") {
    Conversation deaf("exec 0<&-; echo deaf; sleep 60");
    REQUIRE(deaf.until_output("deaf\n"));
    CHECK_FALSE(deaf.child->input_closed());
    deaf.child->send("four");
    CHECK(deaf.child->input_closed());
    CHECK(deaf.child->unread() == 4);
    CHECK(deaf.kill());
}

TEST_CASE("a coprocess that closes its stdin in the middle of a long text is told of") {
    Conversation half("head -c 4 >/dev/null; sleep 0.1; exec 0<&-; sleep 60");
    half.child->send(std::string(large, 'x'));
    CHECK(half.until([&] { return half.child->input_closed(); }));
    CHECK(half.changes > 0);
    CHECK(half.child->unread() < large);
    CHECK(half.kill());
}

TEST_CASE("end of file on a coprocess's stdin comes after all that was sent") {
    Conversation counter("wc -c");
    counter.child->send(std::string(large, 'x'));
    counter.child->close_input();
    CHECK(counter.until_ended());
    CHECK(std::stoul(counter.output) == large);
    CHECK(counter.clear());
}

TEST_CASE("what a coprocess wrote before its end arrives whole and in order") {
    Conversation counter("seq 1 60000");
    // Nobody reads until all is written, so that the end is known together with the first bytes.
    REQUIRE(test::eventually([&] { return is_zombie(counter.child->pid()); }));
    CHECK(counter.until_ended());
    CHECK(counter.child->output_closed());
    std::string wanted;
    for (int n = 1; n <= 60000; ++n) wanted += std::to_string(n) + "\n";
    CHECK(counter.output.size() == wanted.size());
    CHECK((counter.output == wanted));
    CHECK(counter.clear());
}

TEST_CASE("unread output of a coprocess is seen until it is handed on") {
    Conversation speaker("read x; echo spoken; exec cat");
    speaker.child->send("\n");
    CHECK(test::eventually([&] { return speaker.child->has_output(); }));
    CHECK(speaker.output.empty());
    CHECK(speaker.until_output("spoken\n"));
    CHECK_FALSE(speaker.child->has_output());
    CHECK(speaker.kill());
}

TEST_CASE("a descendant that holds the streams does not hide the end of a coprocess") {
    Conversation parent("sleep 60 & echo $!; exit 3");
    CHECK(parent.until_ended());
    CHECK(std::get<process::Exited>(parent.child->status()).code == 3);
    const pid_t descendant = std::stoi(parent.output);
    CHECK(test::is_alive(descendant));
    CHECK(parent.clear());
    CHECK_FALSE(test::is_alive(descendant));
}

TEST_CASE("a coprocess that ignores SIGTERM is killed by the next step of the ladder") {
    Conversation stubborn("trap '' TERM; echo ready; while :; do sleep 1; done");
    REQUIRE(stubborn.until_output("ready\n"));
    CHECK(stubborn.stop({{SIGTERM, 50ms}, {SIGKILL, 5s}}));
    CHECK(std::get<process::Signaled>(stubborn.child->status()).number == SIGKILL);
    CHECK(stubborn.clear());
}

TEST_CASE("a coprocess that outlasts the ladder is given up, and killed at the latest then") {
    Conversation sleeper("exec sleep 60");
    const pid_t pid = sleeper.child->pid();
    CHECK_FALSE(sleeper.stop({{0, 20ms}}));
    CHECK_FALSE(sleeper.child->ended());
    CHECK(sleeper.clear());
    CHECK_FALSE(test::is_alive(pid));
}

TEST_CASE("a coprocess that has moved to another process group is stopped all the same") {
    Conversation mover("exec perl -e '$| = 1; setpgrp(0, getpgrp(getppid)); print 1; sleep 60'");
    REQUIRE(mover.until_output("1"));
    CHECK(mover.stop({{SIGTERM, 5s}}));
    CHECK(std::get<process::Signaled>(mover.child->status()).number == SIGTERM);
    CHECK(mover.clear());
}

TEST_CASE("nothing is told of a coprocess that is cleared") {
    Conversation flood("yes");
    REQUIRE(flood.until([&] { return !flood.output.empty(); }));
    CHECK(flood.kill());
    const auto size = flood.output.size();
    const int changes = flood.changes;
    flood.turn_for(20ms);
    CHECK(flood.output.size() == size);
    CHECK(flood.changes == changes);
}

TEST_CASE("the last lines of a coprocess's stderr are kept until they are to be forgotten") {
    Conversation speaker("echo one >&2; echo 1; read x; echo two >&2; echo 2; exec cat");
    REQUIRE(speaker.until_output("1\n"));
    speaker.child->hand_on_stderr();
    CHECK(speaker.child->last_lines() == std::vector<std::string>{"one"});
    speaker.child->forget_lines();
    speaker.child->send("\n");
    REQUIRE(speaker.until_output("1\n2\n"));
    speaker.child->hand_on_stderr();
    CHECK(speaker.child->last_lines() == std::vector<std::string>{"two"});
    CHECK(speaker.errors.text == "one\ntwo\n");
    CHECK(speaker.kill());
}
