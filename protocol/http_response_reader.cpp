#include "protocol/http_response_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

namespace forklift::protocol {

namespace http = boost::beast::http;

namespace {

/// Lambda takes 1 MB of request line and headers; its own answers stay below that.
constexpr std::uint32_t max_header = 1024 * 1024;
/// Room for a body is made at once up to here; what a server says of its length is only its word.
constexpr std::uint64_t max_reserved = 64 * 1024 * 1024;

}  // namespace

HttpResponseReader::HttpResponseReader(std::size_t max_body) {
    eager(true);
    header_limit(max_header);
    if (max_body > 0)
        body_limit(max_body);
    else
        body_limit(boost::none);
}

std::size_t HttpResponseReader::take(std::string_view bytes) {
    Error error;
    std::size_t taken = 0;
    while (taken < bytes.size() && !is_done()) {
        const std::size_t count =
            put(boost::asio::buffer(bytes.data() + taken, bytes.size() - taken), error);
        taken += count;
        if (error == http::error::need_more) return taken;
        if (error) {
            error_ = error;
            return taken;
        }
    }
    return taken;
}

void HttpResponseReader::take_end() {
    Error error;
    if (got_some()) {
        put_eof(error);
    } else {
        error = http::error::end_of_stream;
    }
    if (error) error_ = error;
}

HttpResponseReader::State HttpResponseReader::state() const {
    if (error_) return State::broken;
    return is_done() ? State::done : State::more;
}

bool HttpResponseReader::too_large() const { return error_ == http::error::body_limit; }

void HttpResponseReader::on_response_impl(int code, Text, int, Error&) { response_.status = code; }

void HttpResponseReader::on_field_impl(http::field, Text name, Text value, Error&) {
    response_.headers.add(std::string(name), std::string(value));
}

void HttpResponseReader::on_body_init_impl(const boost::optional<std::uint64_t>& length, Error&) {
    if (length) response_.body.reserve(std::min(*length, max_reserved));
}

std::size_t HttpResponseReader::on_body_impl(Text bytes, Error&) {
    response_.body.append(bytes.data(), bytes.size());
    return bytes.size();
}

std::size_t HttpResponseReader::on_chunk_body_impl(std::uint64_t, Text bytes, Error& error) {
    return on_body_impl(bytes, error);
}

}  // namespace forklift::protocol
