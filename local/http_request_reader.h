#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <string>

#include "local/body_budget.h"
#include "local/http_message.h"

namespace forklift::local {

/// Reads one HTTP/1.1 request: Beast's parser, with the fields and the body put where we want them
/// at once. Beast's own request keeps the trailers of a chunked body among the headers, where
/// nobody can tell the two apart any more.
class HttpRequestReader : public boost::beast::http::basic_parser<true> {
  public:
    /// Of a body of more than `max_body` bytes nothing is kept, and only its size is told. What is
    /// kept is taken from `share`, which must outlive the reader; when that has no more room, the
    /// reader fails, and the request is `crowded_out`.
    HttpRequestReader(std::size_t max_body, BodyBudget::Share& share);

    /// To be called when the head has been read: whether there is room for the body, as far as its
    /// length was announced.
    bool has_room() const;

    /// What there is of the request so far.
    HttpRequest& request() { return request_; }

  private:
    using Error = boost::beast::error_code;
    using Text = boost::beast::string_view;

    void on_request_impl(boost::beast::http::verb, Text method, Text target, int version,
                         Error&) override;
    void on_response_impl(int, Text, int, Error&) override {}
    /// Up to Boost 1.81 trailers come here too.
    void on_field_impl(boost::beast::http::field, Text name, Text value, Error&) override;
    /// Newer versions of Beast call it, and ask for it.
    void on_trailer_field_impl(boost::beast::http::field, Text name, Text value, Error&);
    void on_header_impl(Error&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error&) override;
    std::size_t on_body_impl(Text bytes, Error&) override;
    void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, Error&) override;
    void on_finish_impl(Error&) override {}
    void drop_body();

    std::size_t max_body_;
    BodyBudget::Share& share_;
    HttpRequest request_;
};

}  // namespace forklift::local
