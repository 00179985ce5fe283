#include "protocol/curl_loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace forklift::protocol {

namespace asio = boost::asio;

namespace {

CURLM* start_curl() {
    // HTTP alone: no TLS library needs starting.
    ::curl_global_init(CURL_GLOBAL_NOTHING);
    CURLM* multi = ::curl_multi_init();
    if (!multi) throw std::runtime_error("libcurl could not start: descriptors or memory ran out");
    // libcurl's own socket pair is not close-on-exec before 8.17.
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    return multi;
}

}  // namespace

CurlLoop::CurlLoop(asio::any_io_executor executor, Done done)
    : done_(std::move(done)), epoll_(executor), timer_(executor), multi_(start_curl()) {
    const int fd = ::epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
    epoll_.assign(fd);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, watch_socket);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, this);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, set_timeout);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, this);
    wait_for_sockets();
}

void CurlLoop::add(CURL* easy) {
    ::curl_multi_add_handle(multi_.get(), easy);
    ++handles_;
    act(CURL_SOCKET_TIMEOUT, 0);
}

void CurlLoop::remove(CURL* easy) {
    ::curl_multi_remove_handle(multi_.get(), easy);
    --handles_;
}

int CurlLoop::watch_socket(CURL*, curl_socket_t fd, int what, void* user, void* known) {
    auto* loop = static_cast<CurlLoop*>(user);
    const int epoll = loop->epoll_.native_handle();
    epoll_event event{};
    event.data.fd = fd;
    if (what == CURL_POLL_REMOVE) {
        ::epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event);
        return 0;
    }
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    ::epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    if (!known) ::curl_multi_assign(loop->multi_.get(), fd, loop);
    return 0;
}

int CurlLoop::set_timeout(CURLM*, long milliseconds, void* user) {
    auto* loop = static_cast<CurlLoop*>(user);
    loop->timeout_ = milliseconds;
    loop->timeout_changed_ = true;
    return 0;
}

void CurlLoop::wait_for_sockets() {
    epoll_.async_wait(asio::posix::descriptor_base::wait_read,
                      [this](boost::system::error_code error) {
                          if (error) return;
                          serve_sockets();
                          wait_for_sockets();
                      });
}

void CurlLoop::serve_sockets() {
    std::array<epoll_event, 16> events;
    const int count = ::epoll_wait(epoll_.native_handle(), events.data(), events.size(), 0);
    for (int i = 0; i < count; ++i) {
        const auto& event = events[static_cast<std::size_t>(i)];
        int mask = 0;
        if (event.events & EPOLLIN) mask |= CURL_CSELECT_IN;
        if (event.events & EPOLLOUT) mask |= CURL_CSELECT_OUT;
        if (event.events & (EPOLLERR | EPOLLHUP)) mask |= CURL_CSELECT_ERR;
        act(event.data.fd, mask);
    }
}

/// Lets libcurl work, then does what it asked for meanwhile: nothing of libcurl's may be called
/// from within its callbacks.
void CurlLoop::act(curl_socket_t fd, int mask) {
    int running = 0;
    ::curl_multi_socket_action(multi_.get(), fd, mask, &running);
    int left = 0;
    while (CURLMsg* message = ::curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode result = message->data.result;
        done_(message->easy_handle, result);
    }
    restart_timer();
}

void CurlLoop::restart_timer() {
    if (!std::exchange(timeout_changed_, false)) return;
    // libcurl leaves a timeout of 0 behind when a transfer ends, which would only wake us.
    if (handles_ == 0 || timeout_ < 0) {
        timer_.cancel();
        return;
    }
    timer_.expires_after(std::chrono::milliseconds(timeout_));
    timer_.async_wait([this](boost::system::error_code error) {
        if (!error) act(CURL_SOCKET_TIMEOUT, 0);
    });
}

}  // namespace forklift::protocol
