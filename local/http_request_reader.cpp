#include "local/http_request_reader.h"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <boost/none.hpp>

#include "protocol/http_field.h"

namespace forklift::local {

namespace {

/// Lambda takes 1 MB of request line and headers. Here they are no longer than one field may be.
constexpr std::uint32_t max_header_bytes = protocol::max_field_bytes;

}  // namespace

HttpRequestReader::HttpRequestReader(std::size_t max_body, BodyBudget::Share& share)
    : max_body_(max_body), share_(share) {
    header_limit(max_header_bytes);
    body_limit(boost::none);
    eager(true);
}

bool HttpRequestReader::has_room() const {
    const auto announced = content_length().value_or(0);
    return share_.has_room(announced > max_body_ ? 0 : announced);
}

void HttpRequestReader::on_request_impl(boost::beast::http::verb, Text method, Text target,
                                        int version, Error&) {
    request_.method = std::string(method);
    request_.target = std::string(target);
    request_.version = version == 10 ? "HTTP/1.0" : "HTTP/1.1";
}

void HttpRequestReader::on_field_impl(boost::beast::http::field, Text name, Text value, Error&) {
    protocol::Headers& fields = is_header_done() ? request_.trailers : request_.headers;
    fields.add(std::string(name), std::string(value));
}

void HttpRequestReader::on_trailer_field_impl(boost::beast::http::field, Text name, Text value,
                                              Error&) {
    request_.trailers.add(std::string(name), std::string(value));
}

void HttpRequestReader::on_body_init_impl(const boost::optional<std::uint64_t>& length, Error&) {
    if (length && *length <= max_body_) request_.body.reserve(*length);
}

std::size_t HttpRequestReader::on_body_impl(Text bytes, Error& error) {
    request_.body_size += bytes.size();
    if (std::max(request_.body_size, content_length().value_or(0)) > max_body_) {
        drop_body();
    } else if (share_.take(bytes.size())) {
        request_.body.append(bytes.data(), bytes.size());
    } else {
        drop_body();
        request_.crowded_out = true;
        error = boost::beast::http::error::body_limit;
    }
    return bytes.size();
}

void HttpRequestReader::drop_body() {
    std::string().swap(request_.body);
    share_.give_back();
}

std::size_t HttpRequestReader::on_chunk_body_impl(std::uint64_t, Text bytes, Error& error) {
    return on_body_impl(bytes, error);
}

}  // namespace forklift::local
