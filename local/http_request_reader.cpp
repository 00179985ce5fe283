#include "local/http_request_reader.h"

#include <boost/none.hpp>

#include "protocol/http_field.h"

namespace forklift::local {

namespace {

/// Lambda takes 1 MB of request line and headers. Here they are no longer than one field may be.
constexpr std::uint32_t max_header_bytes = protocol::max_field_bytes;

}  // namespace

HttpRequestReader::HttpRequestReader(std::size_t max_body) : max_body_(max_body) {
    header_limit(max_header_bytes);
    body_limit(boost::none);
    eager(true);
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

std::size_t HttpRequestReader::on_body_impl(Text bytes, Error&) {
    request_.body_size += bytes.size();
    if (request_.body_size > max_body_)
        std::string().swap(request_.body);
    else
        request_.body.append(bytes.data(), bytes.size());
    return bytes.size();
}

std::size_t HttpRequestReader::on_chunk_body_impl(std::uint64_t, Text bytes, Error& error) {
    return on_body_impl(bytes, error);
}

}  // namespace forklift::local
