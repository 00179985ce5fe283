#include "bench/series.h"

#include <algorithm>
#include <functional>

namespace forklift::bench {
namespace {

double quantile_of(std::vector<double> values, double q) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    // Between two values, by the distance to each.
    const double place = q * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

template <typename Operation>
Comparison compare(const Series& of, const Series& to, Operation operation) {
    std::vector<double> by_block;
    for (std::size_t i = 0; i < std::min(of.blocks.size(), to.blocks.size()); ++i)
        by_block.push_back(
            operation(quantile_of(of.blocks[i], 0.5), quantile_of(to.blocks[i], 0.5)));
    return {operation(of.quantile(0.5), to.quantile(0.5)), quantile_of(by_block, 0.5),
            quantile_of(by_block, 0.25), quantile_of(by_block, 0.75)};
}

}  // namespace

double Series::quantile(double q) const {
    std::vector<double> all;
    for (const auto& block : blocks) all.insert(all.end(), block.begin(), block.end());
    return quantile_of(std::move(all), q);
}

Comparison ratio(const Series& of, const Series& to) { return compare(of, to, std::divides<>{}); }

Comparison difference(const Series& of, const Series& to) {
    return compare(of, to, std::minus<>{});
}

}  // namespace forklift::bench
