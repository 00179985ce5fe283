#pragma once

#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

namespace forklift::protocol {

/// libcurl's multi handle in the event loop. Its socket callback fills a nested epoll descriptor,
/// the only thing of libcurl's that Asio waits on: curl's sockets may come, go and be reused as
/// they like.
class CurlLoop {
  public:
    /// Called when libcurl has done all it can for a handle, which is still in the loop.
    using Done = std::function<void(CURL*, CURLcode)>;

    /// Throws std::runtime_error or std::system_error when descriptors or memory have run out.
    CurlLoop(boost::asio::any_io_executor executor, Done done);
    CurlLoop(const CurlLoop&) = delete;
    CurlLoop& operator=(const CurlLoop&) = delete;
    /// Closes libcurl's connections, for which callbacks of handles that are gone may be called.
    ~CurlLoop() = default;

    /// The handle stays the caller's. libcurl begins with it at once, and may be done before this
    /// returns.
    void add(CURL* easy);
    void remove(CURL* easy);

  private:
    struct CleanUp {
        void operator()(CURLM* multi) const { ::curl_multi_cleanup(multi); }
    };

    static int watch_socket(CURL* easy, curl_socket_t fd, int what, void* user, void* known);
    static int set_timeout(CURLM* multi, long milliseconds, void* user);
    void wait_for_sockets();
    void serve_sockets();
    void act(curl_socket_t fd, int mask);
    void restart_timer();

    Done done_;
    boost::asio::posix::stream_descriptor epoll_;
    boost::asio::steady_timer timer_;
    long timeout_ = -1;
    bool timeout_changed_ = false;
    int handles_ = 0;
    /// The first to go: it calls back until then.
    std::unique_ptr<CURLM, CleanUp> multi_;
};

}  // namespace forklift::protocol
