#include "process/reaper.h"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <csignal>

#include "process/mark.h"
#include "process/process_info.h"
#include "process/spawn.h"
#include "tests/support/proc.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::process;
using namespace std::chrono_literals;
using forklift::test::is_alive;

namespace {

/// Programs that let something escape from their process group, and what is done about that.
class Bench {
  public:
    /// Starts a shell of these lines, which ends; returns its mark when it has.
    Mark run(const std::string& lines) {
        Child child = start(lines);
        const Mark mark = child.mark();
        REQUIRE(result_of(child.ended()));
        child.signal_group(SIGKILL);
        child.reap();
        return mark;
    }

    bool end_orphans_of(const Mark& mark) { return result_of(reaper_.end_orphans_of(mark, 5s)); }

    /// Starts a shell of these lines, which goes on for as long as the result is kept.
    Child start(const std::string& lines) {
        Command command{
            "/bin/sh", {"sh", "-c", lines}, Environment::of_this_process(), root.path()};
        return std::move(std::get<Child>(spawn(loop_.get_executor(), reaper_, command, {0, 2, 2})));
    }

    pid_t pid_in(const std::string& file) { return std::stoi(root.wait_for_file(file)); }

    forklift::test::TaskRoot root;

  private:
    template <typename Result>
    Result result_of(boost::asio::awaitable<Result> work) {
        auto result = boost::asio::co_spawn(loop_, std::move(work), boost::asio::use_future);
        loop_.restart();
        loop_.run();
        return result.get();
    }

    boost::asio::io_context loop_;
    Reaper reaper_;
};

}  // namespace

TEST_CASE("what a program has started in a session of its own is found and ended by its mark") {
    Bench bench;
    const Mark one = bench.run(
        "setsid sh -c 'echo $$ >one; exec sleep 600' & while [ ! -s one ]; do sleep 0.01; done");
    const Mark other = bench.run(
        "setsid sh -c 'echo $$ >other; exec sleep 600' & while [ ! -s other ]; do sleep 0.01; "
        "done");
    const pid_t of_one = bench.pid_in("one");
    const pid_t of_other = bench.pid_in("other");
    CHECK(mark_of(of_one) == one);
    CHECK(bench.end_orphans_of(one));
    CHECK_FALSE(process_info(of_one));
    CHECK(is_alive(of_other));
    CHECK(bench.end_orphans_of(other));
    CHECK_FALSE(process_info(of_other));
}

TEST_CASE("an orphan's own children are ended with it, in whatever session they are") {
    Bench bench;
    const Mark mark = bench.run(
        "setsid sh -c 'setsid sh -c \"echo \\$\\$ >inner; exec sleep 600\" & sleep 600' & "
        "while [ ! -s inner ]; do sleep 0.01; done");
    const pid_t inner = bench.pid_in("inner");
    CHECK(is_alive(inner));
    CHECK(bench.end_orphans_of(mark));
    CHECK_FALSE(process_info(inner));
    CHECK(forklift::test::zombies_of(::getpid()) == 0);
}

TEST_CASE("an orphan that takes its time to die is waited for, and then its children end") {
    Bench bench;
    const Mark mark = bench.run(
        "setsid perl -e '$x = \"x\" x 300_000_000; if (!fork) { exec \"setsid\", \"sh\", \"-c\", "
        "\"echo \\$\\$ >inner; exec sleep 600\" } sleep 600' & "
        "while [ ! -s inner ]; do sleep 0.01; done");
    const pid_t inner = bench.pid_in("inner");
    // Beside it, what shows no mark any more could be another's.
    const Child other = bench.start("exec sleep 600");
    CHECK(bench.end_orphans_of(mark));
    CHECK_FALSE(process_info(inner));
}

TEST_CASE("an orphan without a mark is ended when no child is left that it could come from") {
    Bench bench;
    const std::string unmarked =
        "env -i setsid sh -c 'echo $$ >one; exec sleep 600' & while [ ! -s one ]; do sleep 0.01; "
        "done";
    const Mark mark = bench.run(unmarked);
    const pid_t one = bench.pid_in("one");
    CHECK_FALSE(mark_of(one));
    {
        const Child other = bench.start("exec sleep 600");
        CHECK(bench.end_orphans_of(mark));
        CHECK(is_alive(one));
    }
    CHECK(bench.end_orphans_of(mark));
    CHECK_FALSE(process_info(one));
}

TEST_CASE("a child that was there before is nobody's orphan") {
    const pid_t stranger = ::fork();
    if (stranger == 0) {
        ::execlp("sleep", "sleep", "600", nullptr);
        ::_exit(1);
    }
    Bench bench;
    CHECK(bench.end_orphans_of(bench.run("true")));
    CHECK(is_alive(stranger));
    ::kill(stranger, SIGKILL);
    ::waitpid(stranger, nullptr, 0);
}

TEST_CASE("there is nothing to end where nothing was left") {
    Bench bench;
    CHECK(bench.end_orphans_of(bench.run("true")));
}

TEST_CASE("a mark tells whether whoever gave it is there") {
    CHECK(own_mark().owner_lives());
    Mark gone = own_mark();
    ++gone.owner_start;
    CHECK_FALSE(gone.owner_lives());
    CHECK(to_mark(to_text(own_mark())) == own_mark());
    for (const char* text : {"", "1", "1.2", "1.2.x", "1.2.3.4", "a.b.c"})
        CHECK_FALSE(to_mark(text));
}
