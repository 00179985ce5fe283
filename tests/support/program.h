#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/file_descriptor.h"

namespace forklift::test {

using Variables = std::map<std::string, std::string>;

enum class ErrorsKind { pipe, socket, terminal };

struct ProgramOptions {
    /// argv; the first is looked for on PATH.
    std::vector<std::string> argv = {};
    /// The whole environment; nothing is inherited.
    Variables environment = {};
    /// Where it starts; empty for here.
    std::string directory = {};
    /// What stands on its stdin.
    std::string input = {};
    /// Without a reader stdout, or stderr, is a pipe that fills up.
    bool read_errors = true;
    bool read_output = true;
    /// What stderr is.
    ErrorsKind errors_kind = ErrorsKind::pipe;
    /// Its reader has gone before the program starts.
    bool output_is_closed = false;
    bool errors_are_closed = false;
};

/// How a program ended, and what it said.
struct Finished {
    /// The exit code, or the negative number of the signal that ended it.
    int exit = 0;
    std::string output;
    std::string errors;
};

/// A program that runs beside the test, its output collected by threads. It is killed with all its
/// descendants when the object goes. Functions that wait throw when their time is over.
class Program {
  public:
    static constexpr std::chrono::seconds patience{30};

    explicit Program(const ProgramOptions& options);
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    ~Program();

    pid_t pid() const { return pid_; }
    void signal(int number) const;

    /// Waits for the end and for everything it said.
    Finished wait(std::chrono::milliseconds limit = patience);

    std::string output() const;
    std::string errors() const;
    std::size_t errors_size() const;
    /// Waits until stdout, or stderr, holds `text`; returns all there is by then.
    std::string wait_for_output(const std::string& text);
    std::string wait_for_errors(const std::string& text);

  private:
    void start(const ProgramOptions& options, int in, int out, int err);
    void collect(int fd, std::string& text);
    std::string wait_for_text(const std::string& stream, const std::string& text);

    pid_t pid_ = 0;
    bool reaped_ = false;
    int exit_ = 0;
    FileDescriptor pidfd_;
    FileDescriptor output_pipe_;
    FileDescriptor errors_pipe_;
    /// Closed to make the collectors come back, whoever may still hold the other ends of the pipes.
    FileDescriptor stop_read_;
    FileDescriptor stop_write_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::string output_;
    std::string errors_;
    int ends_ = 0;
    std::vector<std::thread> collectors_;
};

/// Runs a program to its end.
Finished run_program(const ProgramOptions& options,
                     std::chrono::milliseconds limit = Program::patience);

}  // namespace forklift::test
