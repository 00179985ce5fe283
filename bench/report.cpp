#include "bench/report.h"

#include <sched.h>

#include <cstdio>
#include <optional>

namespace forklift::bench {
namespace {

/// What a figure should be.
struct Aim {
    double value;
    bool at_least = false;

    bool is_met(double figure) const { return at_least ? figure >= value : figure <= value; }
    const char* words() const { return at_least ? "at least" : "at most"; }
};

constexpr Aim serve_aim_us{200};

/// How many times the floor's time bootstrap may take. For a `file.function` there is no aim: the
/// floor runs another function.
struct FloorAims {
    std::optional<Aim> answer;
    std::optional<Aim> next_poll;
};

FloorAims floor_aims(const Function& function) {
    switch (function.kind) {
        case Function::Kind::forked:
            return {Aim{1.10}, Aim{1.10}};
        case Function::Kind::worker:
            return {Aim{1.20}, {}};
        case Function::Kind::handler:
            break;
    }
    return {};
}

/// How many times as many events a worker should run as its forked twin. It depends on what a start
/// of the language costs, and is set for Python.
std::optional<Aim> rate_aim(const Options& options) {
    if (options.forked.ends_with(".py")) return Aim{15, true};
    return {};
}

void print_head(const char* title) {
    std::printf("\n%-32s %9s %9s %9s %9s", title, "min", "p50", "p90", "p99");
}

void print_figures(const std::string& name, const Series& series) {
    std::printf("\n  %-30s %9.0f %9.0f %9.0f %9.0f", name.c_str(), series.quantile(0),
                series.quantile(0.5), series.quantile(0.9), series.quantile(0.99));
}

void print_starts(const Results& results) {
    print_head("exec to first poll");
    for (const auto& client : results.clients) print_figures(client.name, client.start);
    std::printf("\n");
}

void print_answers(const Results& results) {
    print_head("event to answer");
    for (const auto& client : results.clients) print_figures(client.name, client.answered);
    if (!results.served.blocks.empty()) print_figures("forklift serve", results.served);
    std::printf("\n");
}

/// Events follow each other at once, so that the time to the next poll says how many fit into a
/// second.
void print_next_polls(const Results& results) {
    print_head("event to next poll");
    std::printf(" %11s", "per second");
    for (const auto& client : results.clients) {
        print_figures(client.name, client.ready);
        std::printf(" %11.0f", 1e6 / client.ready.quantile(0.5));
    }
    std::printf("\n");
}

void print_memory(const Results& results) {
    std::printf("\n%-32s %9s\n", "resident after the last event", "MiB");
    for (const auto& client : results.clients)
        std::printf("  %-30s %9.1f\n", client.name.c_str(), client.resident_mib);
}

/// Prints one comparison; true unless it has an aim and misses it. The blocks decide: noise that
/// lasts longer than a block meets both sides.
bool print_comparison(const std::string& name, const Comparison& comparison, const char* format,
                      std::optional<Aim> aim) {
    char figures[4][32];
    const double values[] = {comparison.median, comparison.lower, comparison.upper,
                             comparison.whole};
    for (int i = 0; i < 4; ++i) std::snprintf(figures[i], sizeof figures[i], format, values[i]);
    std::printf("  %-42s %9s %9s .. %-9s %9s", name.c_str(), figures[0], figures[1], figures[2],
                figures[3]);
    const bool met = !aim || aim->is_met(comparison.median);
    if (aim) {
        std::snprintf(figures[0], sizeof figures[0], format, aim->value);
        std::printf("  %s (aim: %s %s)", met ? "met" : "MISSED", aim->words(), figures[0]);
    }
    std::printf("\n");
    return met;
}

/// How two clients compare; true when no aim is missed.
bool print_ratios(const Result& of, const Result& to, const FloorAims& aims) {
    const std::string name = of.name + " / " + to.name + ", ";
    if (!of.start.blocks.empty())
        print_comparison(name + "start", ratio(of.start, to.start), "%.3f", {});
    const bool met =
        print_comparison(name + "answer", ratio(of.answered, to.answered), "%.3f", aims.answer);
    return print_comparison(name + "next poll", ratio(of.ready, to.ready), "%.3f",
                            aims.next_poll) &&
           met;
}

/// How the second client, which is bootstrap, compares with the other ones.
bool print_all_ratios(const Options& options, const Results& results) {
    const Result& floor = results.clients[0];
    const Result& bootstrap = results.clients[1];
    bool met = print_ratios(bootstrap, floor, floor_aims(options.function));
    for (std::size_t i = 2; i < results.clients.size(); ++i) {
        print_ratios(results.clients[i], floor, {});
        print_ratios(bootstrap, results.clients[i], {});
    }
    if (!options.forked.empty()) {
        const Result& forked = results.clients[2];
        met = print_comparison("bootstrap / " + forked.name + ", events per second",
                               ratio(forked.ready, bootstrap.ready), "%.1f", rate_aim(options)) &&
              met;
    }
    return met;
}

/// What is run, in the words of the report's first line.
std::string describe(const Function& function) {
    switch (function.kind) {
        case Function::Kind::forked:
            return function.name + ", started for each";
        case Function::Kind::worker:
            return function.name + ", which stays";
        case Function::Kind::handler:
            break;
    }
    return function.name + " in " + function.task_root;
}

/// How many processors there are for the whole run: taskset(1) leaves fewer than the machine has.
int count_processors() {
    cpu_set_t usable;
    return sched_getaffinity(0, sizeof usable, &usable) == 0 ? CPU_COUNT(&usable) : 0;
}

}  // namespace

bool print_report(const Options& options, const Results& results) {
    const int processors = count_processors();
    std::printf("%d events of %zu bytes for %s, in turns of %d; times in microseconds; ",
                options.events, options.event_size, describe(options.function).c_str(),
                options.block);
    std::printf("%d processor%s\n", processors, processors == 1 ? "" : "s");
    if (options.cold > 0) print_starts(results);
    print_answers(results);
    print_next_polls(results);
    print_memory(results);

    std::printf("\n%-44s %9s %22s %9s\n", "p50 against p50", "by turns", "half of them within",
                "overall");
    bool met = print_all_ratios(options, results);
    if (!results.served.blocks.empty())
        met = print_comparison("forklift serve adds to bootstrap, us",
                               difference(results.served, results.clients[1].answered), "%.0f",
                               serve_aim_us) &&
              met;
    return met;
}

}  // namespace forklift::bench
