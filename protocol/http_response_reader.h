#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "protocol/http_client.h"

namespace forklift::protocol {

/// Reads one HTTP/1.1 response from the bytes of a connection, in pieces of any size: Beast's
/// parser, with the fields and the body put where we want them at once. An interim response (1xx)
/// is a whole response here.
class HttpResponseReader : public boost::beast::http::basic_parser<false> {
  public:
    /// `max_body`: bytes that the body may have, 0 for no limit.
    explicit HttpResponseReader(std::size_t max_body);

    enum class State { more, done, broken };

    /// Takes what it can of `bytes` and returns how much that was; the rest must come again, with
    /// more behind it.
    std::size_t take(std::string_view bytes);
    /// The connection has ended, which may be the end of the body.
    void take_end();

    State state() const;
    /// Why it is `broken`.
    std::string mistake() const { return error_.message(); }
    bool too_large() const;
    int status() const { return response_.status; }
    HttpResponse release() { return std::move(response_); }

  private:
    using Error = boost::beast::error_code;
    using Text = boost::beast::string_view;

    void on_request_impl(boost::beast::http::verb, Text, Text, int, Error&) override {}
    void on_response_impl(int code, Text reason, int version, Error&) override;
    void on_field_impl(boost::beast::http::field, Text name, Text value, Error&) override;
    /// Newer versions of Beast call it, and ask for it.
    void on_trailer_field_impl(boost::beast::http::field, Text, Text, Error&) {}
    void on_header_impl(Error&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error&) override;
    std::size_t on_body_impl(Text bytes, Error&) override;
    void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, Error&) override;
    void on_finish_impl(Error&) override {}

    HttpResponse response_;
    Error error_;
};

}  // namespace forklift::protocol
