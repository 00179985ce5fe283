#include "protocol/http_response_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include "protocol/http_response_head.h"
#include "protocol/shown_bytes.h"

namespace forklift::protocol {

namespace http = boost::beast::http;

namespace {

/// Lambda takes 1 MB of request line and headers; its own answers stay below that.
constexpr std::size_t max_head = 1024 * 1024;
/// Room for a body is made at once up to here; what a server says of its length is only its word.
constexpr std::uint64_t max_reserved = 64 * 1024 * 1024;

/// A head for Beast that says nothing but how the body is framed.
std::string framing_head(const ResponseHead& head) {
    const char* connection = head.keeps_connection ? "" : "Connection: close\r\n";
    switch (head.framing.kind) {
        case BodyFraming::Kind::counted:
            return fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n", connection,
                               head.framing.length);
        case BodyFraming::Kind::chunked:
            return fmt::format("HTTP/1.1 200 OK\r\n{}Transfer-Encoding: chunked\r\n\r\n",
                               connection);
        case BodyFraming::Kind::until_close:
            break;
    }
    return fmt::format("HTTP/1.1 200 OK\r\n{}\r\n", connection);
}

}  // namespace

HttpResponseReader::HttpResponseReader(std::size_t max_body, bool answers_head)
    : max_body_(max_body), answers_head_(answers_head) {
    eager(true);
    body_limit(boost::none);
}

std::size_t HttpResponseReader::take(std::string_view bytes) {
    has_begun_ = has_begun_ || !bytes.empty();
    std::size_t taken = head_is_whole_ ? 0 : take_head(bytes);
    if (head_is_whole_) take_body(bytes, taken);
    return taken;
}

std::size_t HttpResponseReader::take_head(std::string_view bytes) {
    const std::size_t before = head_.size();
    head_ += bytes.substr(0, max_head - before);
    constexpr std::string_view beginning = "HTTP/";
    // A server of something else may wait for us before it sends an empty line.
    if (head_.substr(0, beginning.size()) != beginning.substr(0, head_.size()))
        give_up(fmt::format("it begins with {}", shown_bytes(head_)));
    const auto end = find_head_end(head_, before);
    if (!end) {
        if (head_.size() == max_head)
            give_up(fmt::format("its head has more than {} bytes", max_head));
        return head_.size() - before;
    }
    head_.resize(*end);
    read_head();
    return *end - before;
}

void HttpResponseReader::read_head() {
    auto read = read_response_head(head_, answers_head_);
    if (auto* wrong = std::get_if<NoResponseHead>(&read)) return give_up(std::move(wrong->message));
    auto& head = std::get<ResponseHead>(read);
    response_.status = head.status;
    response_.headers = std::move(head.headers);
    head_is_whole_ = true;
    if (max_body_ > 0 && head.framing.length > max_body_) return refuse_size(head.framing.length);
    response_.body.reserve(std::min(head.framing.length, max_reserved));
    std::size_t taken = 0;
    take_body(framing_head(head), taken);
}

void HttpResponseReader::take_body(std::string_view bytes, std::size_t& taken) {
    while (taken < bytes.size() && state() == State::more) {
        Error error;
        taken += put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
        if (is_last_chunk_) return skip_trailers(bytes, taken);
        if (error == http::error::need_more) return;
        if (error) give_up(error.message());
    }
}

/// Beast has stopped before the last chunk, and after it has seen the empty line behind the
/// trailers, which it would refuse for bytes that we take in a head.
void HttpResponseReader::skip_trailers(std::string_view bytes, std::size_t& taken) {
    constexpr std::string_view end = "\r\n\r\n";
    taken = std::min(bytes.find(end, taken), bytes.size() - end.size()) + end.size();
}

void HttpResponseReader::take_end() {
    Error error;
    if (head_is_whole_)
        put_eof(error);
    else
        error = http::error::partial_message;
    if (error) give_up(error.message());
}

HttpResponseReader::State HttpResponseReader::state() const {
    if (!mistake_.empty()) return State::broken;
    return head_is_whole_ && (is_last_chunk_ || is_done()) ? State::done : State::more;
}

void HttpResponseReader::give_up(std::string mistake) {
    if (mistake_.empty()) mistake_ = std::move(mistake);
}

void HttpResponseReader::refuse_size(std::uint64_t size) {
    too_large_ = size;
    give_up(fmt::format("its body has more than {} bytes", max_body_));
}

std::size_t HttpResponseReader::on_body_impl(Text bytes, Error& error) {
    const std::size_t size = response_.body.size() + bytes.size();
    if (max_body_ > 0 && size > max_body_) {
        error = http::error::body_limit;
        refuse_size(size);
        return bytes.size();
    }
    response_.body.append(bytes.data(), bytes.size());
    return bytes.size();
}

void HttpResponseReader::on_chunk_header_impl(std::uint64_t size, Text, Error& error) {
    is_last_chunk_ = size == 0;
    if (is_last_chunk_) error = http::error::end_of_chunk;
}

std::size_t HttpResponseReader::on_chunk_body_impl(std::uint64_t, Text bytes, Error& error) {
    return on_body_impl(bytes, error);
}

}  // namespace forklift::protocol
