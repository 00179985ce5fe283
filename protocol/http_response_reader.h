#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/http_message.h"

namespace forklift::protocol {

/// Reads one HTTP/1.1 response from the bytes of a connection, in pieces of any size. The head is
/// read here, as RFC 9112 asks of whoever receives one, and as the clients of AWS do: a value may
/// hold any byte, where Beast's parser refuses a message for a control character that somebody
/// else's caller put there. Beast then reads the body, behind a head that holds nothing but how
/// that is framed. An interim response (1xx) is a whole response here.
class HttpResponseReader : private boost::beast::http::basic_parser<false> {
  public:
    /// `max_body`: bytes that the body may have, 0 for no limit. The answer to HEAD has none.
    HttpResponseReader(std::size_t max_body, bool answers_head);

    enum class State { more, done, broken };

    /// Takes what it can of `bytes` and returns how much that was; the rest must come again, with
    /// more behind it.
    std::size_t take(std::string_view bytes);
    /// The connection has ended, which may be the end of the body.
    void take_end();
    /// Lets it be `broken`, unless it is already.
    void give_up(std::string mistake);

    State state() const;
    /// Why it is `broken`, in words.
    const std::string& mistake() const { return mistake_; }
    /// Set when it is `broken` because of `max_body`: the body's bytes, as far as they were
    /// announced or have come.
    std::optional<std::uint64_t> too_large() const { return too_large_; }
    /// 0 until the head is there.
    int status() const { return response_.status; }
    bool has_begun() const { return has_begun_; }
    /// Another response may follow on the connection, when this one is done.
    bool keeps_connection() const { return keep_alive(); }
    HttpResponse release() { return std::move(response_); }

  private:
    using Error = boost::beast::error_code;
    using Text = boost::beast::string_view;

    std::size_t take_head(std::string_view bytes);
    void read_head();
    void take_body(std::string_view bytes, std::size_t& taken);
    static void skip_trailers(std::string_view bytes, std::size_t& taken);
    void refuse_size(std::uint64_t size);

    void on_request_impl(boost::beast::http::verb, Text, Text, int, Error&) override {}
    void on_response_impl(int, Text, int, Error&) override {}
    /// Of our own head.
    void on_field_impl(boost::beast::http::field, Text, Text, Error&) override {}
    /// Newer versions of Beast call it, and ask for it.
    void on_trailer_field_impl(boost::beast::http::field, Text, Text, Error&) {}
    void on_header_impl(Error&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
    std::size_t on_body_impl(Text bytes, Error&) override;
    void on_chunk_header_impl(std::uint64_t size, Text, Error& error) override;
    std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, Error&) override;
    void on_finish_impl(Error&) override {}

    std::size_t max_body_;
    bool answers_head_;
    bool has_begun_ = false;
    /// What has come of the head, until it is whole.
    std::string head_;
    bool head_is_whole_ = false;
    bool is_last_chunk_ = false;
    HttpResponse response_;
    std::string mistake_;
    std::optional<std::uint64_t> too_large_;
};

}  // namespace forklift::protocol
