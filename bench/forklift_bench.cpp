// forklift-bench: what bootstrap costs beside the barest loop that does the same work, and what
// forklift serve adds.
//
// Machines are noisy, so no time is judged by itself. All clients are alive during the whole run
// and take turns of a few dozen events, and what counts is the ratio of turns that are neighbours.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>

#include "bench/client.h"
#include "bench/options.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/served_function.h"
#include "bench/wait.h"

namespace forklift::bench {
namespace {

/// One that takes turns: runs that many events and notes their times as a new block.
using Turn = std::function<void(int events)>;

/// Events of each client that are not counted: they warm what is warm in a running function.
constexpr int warming_events = 20;

/// JSON of exactly that size, so that it passes through bootstrap byte for byte.
std::string make_event(std::size_t size) {
    const std::string begin = "{\"data\":\"";
    const std::string end = "\"}";
    return begin + std::string(size - begin.size() - end.size(), 'x') + end;
}

void measure_starts(const Options& options, Results& results) {
    for (int round = 0; round < options.cold; ++round) {
        for (std::size_t i = 0; i < options.contenders.size(); ++i) {
            const Client client(options.contenders[i], options.function);
            results.clients[i].start.begin_block();
            results.clients[i].start.add(client.start_time());
        }
    }
}

/// Everybody runs a block of events, round after round. Who comes first changes: whoever follows
/// another finds the machine in another state than whoever follows himself.
void take_turns(const Options& options, const std::vector<Turn>& turns) {
    for (int done = 0, round = 0; done < options.events; ++round) {
        const int block = std::min(options.block, options.events - done);
        for (std::size_t i = 0; i < turns.size(); ++i)
            turns[(i + static_cast<std::size_t>(round)) % turns.size()](block);
        done += block;
    }
}

Turn make_turn(Client& client, Result& result, const std::string& event, bool echo) {
    return [&client, &result, &event, echo](int events) {
        result.answered.begin_block();
        result.ready.begin_block();
        for (int i = 0; i < events; ++i) {
            const EventTimes times = client.run_event(event, echo);
            result.answered.add(times.answered);
            result.ready.add(times.ready);
        }
    };
}

Turn make_turn(ServedFunction& function, Series& times, const std::string& event, bool echo) {
    return [&function, &times, &event, echo](int events) {
        times.begin_block();
        for (int i = 0; i < events; ++i) times.add(function.invoke(event, echo));
    };
}

void warm_up(const std::vector<Turn>& turns, Results& results) {
    for (const auto& turn : turns) turn(warming_events);
    for (auto& client : results.clients) client.answered = client.ready = Series{};
    results.served = Series{};
}

void measure_events(const Options& options, Results& results) {
    const std::string event = make_event(options.event_size);
    const bool echo = options.function.echoes;
    std::vector<std::unique_ptr<Client>> clients;
    std::vector<Turn> turns;
    for (std::size_t i = 0; i < options.contenders.size(); ++i) {
        clients.push_back(std::make_unique<Client>(options.contenders[i], options.function));
        turns.push_back(make_turn(*clients.back(), results.clients[i], event, echo));
    }
    std::unique_ptr<ServedFunction> served;
    if (!options.serve.empty()) {
        served = std::make_unique<ServedFunction>(options.serve, options.function,
                                                  options.contenders[1].environment);
        turns.push_back(make_turn(*served, results.served, event, echo));
    }
    warm_up(turns, results);
    take_turns(options, turns);
    for (std::size_t i = 0; i < clients.size(); ++i)
        results.clients[i].resident_mib = clients[i]->resident_mib();
}

int run(const Options& options) {
    const OrphanSweep sweep;
    Results results;
    for (const auto& contender : options.contenders) {
        results.clients.emplace_back();
        results.clients.back().name = contender.name;
    }
    measure_starts(options, results);
    measure_events(options, results);
    const bool met = print_report(options, results);
    return met || !options.check ? EXIT_SUCCESS : EXIT_FAILURE;
}

int run_command_line(int argc, char** argv) {
    try {
        const Options options = parse_options(argc, argv);
        if (!options.help) return run(options);
        std::fputs(usage, stdout);
        return EXIT_SUCCESS;
    } catch (const Interrupted& interrupted) {
        return 128 + interrupted.signal;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "forklift-bench: %s\n", error.what());
        return 2;
    }
}

}  // namespace
}  // namespace forklift::bench

int main(int argc, char** argv) {
    forklift::bench::hold_signals();
    return forklift::bench::run_command_line(argc, argv);
}
