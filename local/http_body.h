#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace forklift::local {

/// A Beast body to read into: it keeps up to `limit` bytes and counts all of them.
struct CappedBody {
    struct value_type {
        std::string bytes;
        std::uint64_t size = 0;
        std::size_t limit = 0;
    };

    class reader {
      public:
        template <bool IsRequest, typename Fields>
        reader(boost::beast::http::header<IsRequest, Fields>&, value_type& body) : body_(body) {}

        void init(const boost::optional<std::uint64_t>& length, boost::beast::error_code& error) {
            error = {};
            if (length && *length <= body_.limit) body_.bytes.reserve(*length);
        }

        template <typename Buffers>
        std::size_t put(const Buffers& buffers, boost::beast::error_code& error) {
            error = {};
            std::size_t taken = 0;
            for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
                taken += buffer.size();
                if (body_.size + taken <= body_.limit) {
                    body_.bytes.append(static_cast<const char*>(buffer.data()), buffer.size());
                }
            }
            body_.size += taken;
            if (body_.size > body_.limit) std::string().swap(body_.bytes);
            return taken;
        }

        void finish(boost::beast::error_code& error) { error = {}; }

      private:
        value_type& body_;
    };
};

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
