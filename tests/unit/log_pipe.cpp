#include "process/log_pipe.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "process/unique_fd.h"
#include "tests/support/task_root.h"
#include "tests/test.h"

using namespace forklift::process;
using forklift::test::contains;
using namespace std::chrono_literals;

namespace {

struct Ends {
    UniqueFd reader;
    UniqueFd writer;
};

Ends make_pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Ends make_sockets() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// What stands in the other end by now.
std::string read_now(int fd) {
    std::string text;
    char bytes[65536];
    for (pollfd poll{fd, POLLIN, 0}; ::poll(&poll, 1, 0) == 1 && (poll.revents & POLLIN);) {
        const ssize_t count = ::read(fd, bytes, sizeof bytes);
        if (count <= 0) break;
        text.append(bytes, static_cast<std::size_t>(count));
    }
    return text;
}

/// Reads and lets the loop work until the log has been written.
std::string drain(boost::asio::io_context& loop, LogPipe& log, int fd) {
    auto flushed = boost::asio::co_spawn(loop, log.flushed(30s), boost::asio::use_future);
    std::string text;
    while (flushed.wait_for(0s) != std::future_status::ready) {
        loop.restart();
        loop.run_for(1ms);
        text += read_now(fd);
    }
    return text + read_now(fd);
}

/// A megabyte of lines that can be told apart.
std::string many_lines() {
    std::string text;
    for (int i = 0; text.size() < 1'000'000; ++i) text += "line " + std::to_string(i) + "\n";
    return text;
}

/// `write` comes back although nobody reads, nothing of the text is lost, and the descriptor keeps
/// blocking for everybody else who has it.
void check_unread(const Ends& ends) {
    boost::asio::io_context loop;
    LogPipe log(loop.get_executor(), ends.writer.get());
    const std::string text = many_lines();
    log.write(text);
    CHECK((drain(loop, log, ends.reader.get()) == text));
    CHECK((::fcntl(ends.writer.get(), F_GETFL) & O_NONBLOCK) == 0);
}

}  // namespace

TEST_CASE("a log whose reader sleeps blocks nobody, and arrives whole when it wakes") {
    SECTION("a pipe") { check_unread(make_pipe()); }
    SECTION("a socket") { check_unread(make_sockets()); }
}

TEST_CASE("a log in a pipe that cannot be opened anew blocks nobody") {
    if (::geteuid() != 0) {
        WARN("not tested: only root can have a pipe that it may not open");
        return;
    }
    const Ends ends = make_pipe();
    REQUIRE(::fchmod(ends.writer.get(), 0) == 0);
    REQUIRE(::seteuid(65534) == 0);
    struct Restore {
        ~Restore() { (void)!::seteuid(0); }
    } restore;
    check_unread(ends);
}

TEST_CASE("what a log cannot hold is counted, and the log says how much it was") {
    const Ends ends = make_sockets();
    boost::asio::io_context loop;
    LogPipe log(loop.get_executor(), ends.writer.get());
    const std::string piece(1'000'000, 'x');
    for (int i = 0; i < 12; ++i) log.write(piece);
    const std::string text = drain(loop, log, ends.reader.get());
    CHECK(contains(text, " bytes of log were lost here: stderr was not read fast enough]\n"));
    const auto at = text.find('[');
    const auto lost = std::stoul(text.substr(at + 1));
    CHECK(at + lost == 12 * piece.size());
}

TEST_CASE("a log whose reader is gone is dropped, and writing goes on") {
    for (const auto make : {make_pipe, make_sockets}) {
        Ends ends = make();
        boost::asio::io_context loop;
        LogPipe log(loop.get_executor(), ends.writer.get());
        ends.reader.reset();
        log.write("words\n");
        log.write("more\n");
        auto flushed = boost::asio::co_spawn(loop, log.flushed(30s), boost::asio::use_future);
        loop.poll();
        CHECK(flushed.wait_for(0s) == std::future_status::ready);
    }
}

TEST_CASE("a log in a file, or nowhere, is written at once") {
    forklift::test::TaskRoot folder;
    const UniqueFd file(
        ::open(folder.path_of("log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    const UniqueFd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    boost::asio::io_context loop;
    LogPipe(loop.get_executor(), file.get()).write("words\n");
    LogPipe(loop.get_executor(), nowhere.get()).write("words\n");
    CHECK(forklift::test::read_file(folder.path_of("log")) == "words\n");
}
