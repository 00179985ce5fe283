#include "bench/report.h"

#include <cstdio>
#include <optional>
#include <thread>

namespace forklift::bench {
namespace {

constexpr double ratio_aim = 1.10;
constexpr double serve_aim_us = 200;

void print_head(const char* title) {
    std::printf("\n%-32s %9s %9s %9s %9s\n", title, "min", "p50", "p90", "p99");
}

void print_row(const std::string& name, const Series& series) {
    std::printf("  %-30s %9.0f %9.0f %9.0f %9.0f\n", name.c_str(), series.quantile(0),
                series.quantile(0.5), series.quantile(0.9), series.quantile(0.99));
}

void print_table(const char* title, const Results& results, Series Result::*series) {
    print_head(title);
    for (const auto& client : results.clients) print_row(client.name, client.*series);
}

/// Prints one comparison; true unless it has an aim and misses it. The blocks decide: noise that
/// lasts longer than a block meets both sides.
bool print_comparison(const std::string& name, const Comparison& comparison, const char* format,
                      std::optional<double> aim) {
    char figures[4][32];
    const double values[] = {comparison.median, comparison.lower, comparison.upper,
                             comparison.whole};
    for (int i = 0; i < 4; ++i) std::snprintf(figures[i], sizeof figures[i], format, values[i]);
    std::printf("  %-42s %9s %9s .. %-9s %9s", name.c_str(), figures[0], figures[1], figures[2],
                figures[3]);
    const bool met = !aim || comparison.median <= *aim;
    if (aim) {
        std::snprintf(figures[0], sizeof figures[0], format, *aim);
        std::printf("  %s (aim: at most %s)", met ? "met" : "MISSED", figures[0]);
    }
    std::printf("\n");
    return met;
}

/// How the second client, which is bootstrap, compares with the other ones.
bool print_ratios(const Results& results) {
    const Result& floor = results.clients[0];
    const Result& bootstrap = results.clients[1];
    const auto print = [](const Result& of, const Result& to, std::optional<double> aim) {
        const std::string name = of.name + " / " + to.name + ", ";
        if (!of.start.blocks.empty())
            print_comparison(name + "start", ratio(of.start, to.start), "%.3f", {});
        const bool met =
            print_comparison(name + "answer", ratio(of.answered, to.answered), "%.3f", aim);
        return print_comparison(name + "next poll", ratio(of.ready, to.ready), "%.3f", aim) && met;
    };
    const bool met = print(bootstrap, floor, ratio_aim);
    for (std::size_t i = 2; i < results.clients.size(); ++i) {
        print(results.clients[i], floor, {});
        print(bootstrap, results.clients[i], {});
    }
    return met;
}

}  // namespace

bool print_report(const Options& options, const Results& results) {
    std::printf(
        "%d events of %zu bytes for %s, in turns of %d; times in microseconds; %u processors\n",
        options.events, options.event_size, options.child.c_str(), options.block,
        std::thread::hardware_concurrency());
    if (options.cold > 0) print_table("exec to first poll", results, &Result::start);
    print_table("event to answer", results, &Result::answered);
    if (!results.served.blocks.empty()) print_row("forklift serve", results.served);
    print_table("event to next poll", results, &Result::ready);

    std::printf("\n%-44s %9s %22s %9s\n", "p50 against p50", "by turns", "half of them within",
                "overall");
    bool met = print_ratios(results);
    if (!results.served.blocks.empty())
        met = print_comparison("forklift serve adds to bootstrap, us",
                               difference(results.served, results.clients[1].answered), "%.0f",
                               serve_aim_us) &&
              met;
    return met;
}

}  // namespace forklift::bench
