#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>

namespace forklift::local {

/// Runs the loop until it has nothing left to do, or is stopped. What a handler throws, of which
/// nobody but the loop hears, is told on stderr, and the loop goes on with the next one.
void run_loop(boost::asio::io_context& io);

/// Runs a coroutine by itself, and calls `end` once when it has ended, with what it threw. A
/// coroutine for which Asio has no memory, to begin it, to go on with it, or to tell of its end, is
/// dropped without a word: while `run_loop` runs, `end` is called for it as well, with
/// std::bad_alloc. Throws when the loop does not run yet.
void run_by_itself(boost::asio::any_io_executor executor, boost::asio::awaitable<void> coroutine,
                   std::function<void(std::exception_ptr)> end);

}  // namespace forklift::local
