#include "protocol/http_response_head.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/header_line.h"
#include "protocol/http_field.h"
#include "protocol/shown_bytes.h"

namespace forklift::protocol {

namespace {

/// Takes the next line off `text`, without its end.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string field_value(std::string_view text) {
    std::string value(trimmed(text));
    std::replace_if(
        value.begin(), value.end(), [](char c) { return c == '\r' || c == '\0'; }, ' ');
    return value;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "HTTP/1.1 200 OK", whose reason may be missing with the space before it.
bool is_status_line(std::string_view line) {
    return line.size() >= 12 && line.starts_with("HTTP/1.") && is_digit(line[7]) &&
           line[8] == ' ' && std::all_of(line.begin() + 9, line.begin() + 12, is_digit) &&
           line[9] != '0' && (line.size() == 12 || line[12] == ' ');
}

bool has_element(const Headers& headers, std::string_view name, std::string_view wanted) {
    bool found = false;
    for_each_element(headers, name, [&](std::string_view element) {
        found = found || equal_ignoring_case(element, wanted);
    });
    return found;
}

bool has_no_body(int status) { return status / 100 == 1 || status == 204 || status == 304; }

/// Reads the lines of one head.
class HeadReader {
  public:
    std::variant<ResponseHead, NoResponseHead> read(std::string_view text, bool answers_head) {
        read_status(take_line(text));
        while (mistake_.empty() && !text.empty()) {
            const std::string_view line = take_line(text);
            if (line.empty()) break;
            read_field(line);
        }
        add_field();
        if (mistake_.empty()) read_framing(answers_head);
        if (!mistake_.empty()) return NoResponseHead{std::move(mistake_)};
        return std::move(head_);
    }

  private:
    void read_status(std::string_view line) {
        if (!is_status_line(line)) {
            mistake_ = fmt::format("{} is no status line of HTTP/1.1", shown_bytes(line));
            return;
        }
        is_1_0_ = line[7] == '0';
        for (const char c : line.substr(9, 3)) head_.status = 10 * head_.status + (c - '0');
        if (head_.status == 101) mistake_ = "it switches protocols, which nobody has asked for";
    }

    void read_field(std::string_view line) {
        if (line[0] == ' ' || line[0] == '\t') {
            if (name_.empty()) mistake_ = "its first header line is the rest of a folded one";
            value_.append(" ").append(trimmed(line));
            return;
        }
        add_field();
        const auto colon = line.find(':');
        name_ = trimmed(line.substr(0, colon));
        if (colon == line.npos || !is_token(name_))
            mistake_ = fmt::format("{} is no header line", shown_bytes(line));
        else
            value_ = line.substr(colon + 1);
    }

    /// Adds the field whose last line has come.
    void add_field() {
        if (!name_.empty()) head_.headers.add(std::exchange(name_, {}), field_value(value_));
    }

    void read_framing(bool answers_head) {
        BodyFraming& framing = head_.framing;
        const bool is_encoded = head_.headers.find("Transfer-Encoding").has_value();
        if (answers_head || has_no_body(head_.status)) {
            framing = {};
        } else if (is_encoded) {
            read_encoding();
        } else if (head_.headers.find("Content-Length")) {
            read_lengths();
        } else {
            framing.kind = BodyFraming::Kind::until_close;
        }
        const bool asks_to_keep = is_1_0_ ? has_element(head_.headers, "Connection", "keep-alive")
                                          : !has_element(head_.headers, "Connection", "close");
        // A sender of both lengths, or of chunks in HTTP/1.0, may mean something else than we do
        // (RFC 9112, 6.1 and 6.3).
        const bool is_certain = !is_encoded || (!is_1_0_ && !head_.headers.find("Content-Length"));
        head_.keeps_connection =
            asks_to_keep && is_certain && framing.kind != BodyFraming::Kind::until_close;
    }

    void read_encoding() {
        int count = 0;
        for_each_element(head_.headers, "Transfer-Encoding", [&](std::string_view coding) {
            const bool is_known = ++count == 1 && equal_ignoring_case(coding, "chunked");
            if (is_known || !mistake_.empty()) return;
            mistake_ = fmt::format("its Transfer-Encoding is {}{}, and only chunked is understood",
                                   count == 1 ? "" : "chunked, ", shown_bytes(coding));
        });
        if (count == 0) mistake_ = "its Transfer-Encoding is empty, and only chunked is understood";
        head_.framing.kind = BodyFraming::Kind::chunked;
    }

    /// The same length may be said several times, but no two.
    void read_lengths() {
        std::string_view said;
        for_each_element(head_.headers, "Content-Length", [&](std::string_view length) {
            if (said.empty()) said = length;
            if (said != length)
                mistake_ = fmt::format("it has two lengths, Content-Length: {} and {}",
                                       shown_bytes(said), shown_bytes(length));
        });
        const auto length = protocol::read_length(said);
        if (length)
            head_.framing.length = *length;
        else if (mistake_.empty())
            mistake_ = fmt::format("its Content-Length is {}, which is no number of bytes",
                                   shown_bytes(said));
    }

    ResponseHead head_;
    bool is_1_0_ = false;
    /// The field that is being read.
    std::string name_;
    std::string value_;
    std::string mistake_;
};

}  // namespace

std::optional<std::size_t> find_head_end(std::string_view text, std::size_t from) {
    // The empty line may have begun before what is new.
    from -= std::min<std::size_t>(from, 3);
    for (auto at = text.find('\n', from); at != text.npos; at = text.find('\n', at + 1)) {
        const std::string_view after = text.substr(at + 1);
        if (after.starts_with('\n')) return at + 2;
        if (after.starts_with("\r\n")) return at + 3;
    }
    return std::nullopt;
}

std::variant<ResponseHead, NoResponseHead> read_response_head(std::string_view text,
                                                              bool answers_head) {
    return HeadReader().read(text, answers_head);
}

}  // namespace forklift::protocol
