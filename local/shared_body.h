#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace forklift::local {

/// A Beast body to write from: a string that others hold too. Null for an empty one.
struct SharedBody {
    using value_type = std::shared_ptr<const std::string>;

    static std::uint64_t size(const value_type& body) { return body ? body->size() : 0; }

    class writer {
      public:
        using const_buffers_type = boost::asio::const_buffer;

        template <bool IsRequest, typename Fields>
        writer(const boost::beast::http::header<IsRequest, Fields>&, const value_type& body)
            : body_(body) {}

        void init(boost::beast::error_code& error) { error = {}; }

        boost::optional<std::pair<const_buffers_type, bool>> get(boost::beast::error_code& error) {
            error = {};
            if (!body_ || body_->empty()) return boost::none;
            return std::make_pair(boost::asio::buffer(*body_), false);
        }

      private:
        const value_type& body_;
    };
};

}  // namespace forklift::local
