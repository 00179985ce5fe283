#include "local/conformance/tap_report.h"

#include <fmt/format.h>

#include "protocol/shown_bytes.h"

namespace forklift::local {

namespace {

/// How many bytes of what was sent and what came a report shows.
constexpr std::size_t shown = 500;

/// Text as a YAML scalar in single quotes, on one line.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') out += '\'';
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
    return out + "'";
}

/// The escapes of shown_bytes are those of a YAML scalar in double quotes.
std::string bytes_entry(std::string_view name, std::string_view bytes) {
    if (bytes.empty()) return {};
    std::string entry =
        fmt::format("  {}: {}\n", name, protocol::shown_bytes(bytes.substr(0, shown), shown));
    if (bytes.size() > shown) {
        entry +=
            fmt::format("  {}_bytes: {} # the first {} are shown\n", name, bytes.size(), shown);
    }
    return entry;
}

}  // namespace

TapReport::TapReport(std::size_t checks, std::function<void(std::string_view)> write)
    : write_(std::move(write)) {
    write_(fmt::format("TAP version 13\n1..{}\n", checks));
}

void TapReport::passed(std::string_view description) {
    write_(fmt::format("ok {} - {}\n", ++number_, description));
}

void TapReport::failed(std::string_view description, const Finding& finding) {
    ++failures_;
    std::string text = fmt::format("not ok {} - {}\n  ---\n  message: {}\n", ++number_, description,
                                   quoted(finding.message));
    text += bytes_entry("sent", finding.sent);
    text += bytes_entry("came", finding.came);
    if (!finding.expected.empty()) text += "  expected: " + quoted(finding.expected) + "\n";
    write_(text + "  ...\n");
}

void TapReport::note(std::string_view text) { write_(fmt::format("# {}\n", text)); }

void TapReport::bail_out(std::string_view reason) {
    std::string line(reason);
    for (char& c : line) {
        if (c == '\n' || c == '\r') c = ' ';
    }
    write_(fmt::format("Bail out! {}\n", line));
}

}  // namespace forklift::local
