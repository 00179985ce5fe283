#pragma once

#include <vector>

namespace forklift::bench {

/// Measured times in microseconds, block by block. Blocks of the same number, in two series, were
/// measured next to each other, under the same noise.
struct Series {
    std::vector<std::vector<double>> blocks;

    void begin_block() { blocks.emplace_back(); }
    void add(double value) { blocks.back().push_back(value); }

    /// The value that the share `q` of all values stays below; 0 is the least, 0.5 the median.
    double quantile(double q) const;
};

/// How two series compare.
struct Comparison {
    /// Of the medians over everything.
    double whole = 0;
    /// Of the medians block by block: the median over the blocks, and what half of them lie
    /// between.
    double median = 0;
    double lower = 0;
    double upper = 0;
};

/// How many times `of` is `to`.
Comparison ratio(const Series& of, const Series& to);

/// How many microseconds `of` is more than `to`.
Comparison difference(const Series& of, const Series& to);

}  // namespace forklift::bench
