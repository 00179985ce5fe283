#pragma once

#include <curl/curl.h>

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "protocol/http_client.h"

namespace forklift::protocol {

struct FreeEasy {
    void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
};
struct FreeList {
    void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

/// A connection of libcurl's. Its local port, by which a callback names it, is asked for once.
struct Connection {
    int socket = -1;
    int port = 0;
};

/// One request under way on one of libcurl's easy handles, and what is known of its fate.
struct Transfer {
    /// `connections` are those that libcurl has open at any time; they must outlive the transfer.
    Transfer(boost::asio::any_io_executor executor, Easy handle,
             std::vector<Connection>& open_connections);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    ~Transfer() = default;

    /// Callbacks that are the same for every request; set once on a handle.
    static void set_callbacks(CURL* easy);
    /// Sets what belongs to this request. `request` must outlive the transfer.
    void prepare(const HttpRequest& request);
    /// Sets that a connection is to be opened, and nothing sent on it.
    void prepare_to_connect();
    /// Fills `socket` with a copy of the one that libcurl has connected, if that was all it had to
    /// do: libcurl closes its own as soon as the transfer leaves it.
    void take_socket();
    /// Takes the handle back, with nothing left in it that points to this transfer.
    Easy release();

    /// libcurl is about to close `fd`.
    void before_close(int fd);

    std::string error_message() const;
    HttpError::Acknowledged acknowledged() const;
    /// It was broken off because of `HttpRequest::max_answer`.
    bool too_large() const { return too_large_; }

    Easy easy;
    HttpResponse response;
    CURLcode result = CURLE_OK;
    /// Cancelled when the transfer is over.
    boost::asio::steady_timer done;
    bool over = false;
    /// See `take_socket`; -1 when there is none.
    int socket = -1;

  private:
    void set_owner();
    static std::size_t take_body(char* data, std::size_t, std::size_t size, void* user);
    static std::size_t take_header(char* data, std::size_t, std::size_t size, void* user);
    static int before_sending(void* user, char*, char*, int, int port);
    void append_header(const std::string& line);
    void set_method(const HttpRequest& request);

    std::vector<Connection>& connections_;
    HeaderList headers_;
    std::size_t max_answer_ = 0;
    bool connects_only_ = false;
    bool too_large_ = false;
    std::array<char, CURL_ERROR_SIZE> error_text_{};
    /// The connection it was sent on, and what the server had acknowledged on it before and when it
    /// was closed.
    int sent_on_ = -1;
    int times_sent_ = 0;
    std::uint64_t acknowledged_before_ = 0;
    std::uint64_t acknowledged_at_close_ = UINT64_MAX;
};

}  // namespace forklift::protocol
