#include "protocol/http_client.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <system_error>
#include <vector>

#include "protocol/http_transfer.h"

namespace forklift::protocol {

namespace {

namespace asio = boost::asio;
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr long connect_timeout_ms = 1000;

}  // namespace

/// libcurl's multi handle in the event loop. Its socket callback fills a nested epoll descriptor,
/// the only thing of libcurl's that Asio waits on: curl's sockets may come, go and be reused as
/// they like.
class HttpClient::Engine : public std::enable_shared_from_this<HttpClient::Engine> {
  public:
    Engine(asio::any_io_executor executor, std::string origin, std::string user_agent)
        : executor_(executor),
          origin_(std::move(origin)),
          user_agent_(std::move(user_agent)),
          epoll_(executor),
          timer_(executor),
          multi_(start_curl()) {
        const int fd = ::epoll_create1(EPOLL_CLOEXEC);
        if (fd < 0) throw std::system_error(errno, std::system_category(), "epoll_create1");
        epoll_.assign(fd);
        ::curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, watch_socket);
        ::curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
        ::curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, set_timeout);
        ::curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
        wait_for_sockets();
    }
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine() {
        idle_.clear();
        ::curl_multi_cleanup(multi_);
    }

    asio::awaitable<HttpResult> send(const HttpRequest& request) {
        Transfer transfer(executor_, take_easy(), connections_);
        transfer.prepare(request);
        co_await perform(transfer);
        if (transfer.result == CURLE_OK) co_return std::move(transfer.response);
        co_return HttpError{transfer.acknowledged(), transfer.error_message(),
                            transfer.too_large()};
    }

    asio::awaitable<std::variant<int, HttpError>> connect() {
        Transfer transfer(executor_, take_easy(), connections_);
        transfer.prepare_to_connect();
        co_await perform(transfer);
        if (transfer.result != CURLE_OK)
            co_return HttpError{HttpError::Acknowledged::none, transfer.error_message()};
        if (transfer.socket < 0)
            co_return HttpError{HttpError::Acknowledged::none,
                                "no descriptor is left for the connection"};
        co_return transfer.socket;
    }

    void cancel() {
        for (Transfer* transfer : active_)
            if (!transfer->over) finish(*transfer, CURLE_ABORTED_BY_CALLBACK);
    }

  private:
    /// A transfer under way. When it goes, be it by an exception, or with the loop, libcurl and we
    /// know nothing of the transfer any more.
    class Active {
      public:
        Active(std::shared_ptr<Engine> engine, Transfer& transfer)
            : engine_(std::move(engine)), transfer_(transfer) {
            // So that its handle will have a place there, whatever happens.
            engine_->idle_.reserve(engine_->idle_.size() + engine_->active_.size() + 1);
            engine_->active_.push_back(&transfer_);
            ::curl_multi_add_handle(engine_->multi_, transfer_.easy.get());
        }
        Active(const Active&) = delete;
        Active& operator=(const Active&) = delete;
        ~Active() {
            call_off();
            std::erase(engine_->active_, &transfer_);
            engine_->idle_.push_back(transfer_.release());
        }

        void call_off() {
            if (!transfer_.over) engine_->finish(transfer_, CURLE_ABORTED_BY_CALLBACK);
        }

      private:
        std::shared_ptr<Engine> engine_;
        Transfer& transfer_;
    };

    /// Returns when libcurl has done its work, `cancel` was called, or whoever waits for it has
    /// cancelled the coroutine. Waits once, for a cancelled coroutine gets an exception when it
    /// waits again.
    asio::awaitable<void> perform(Transfer& transfer) {
        Active active(shared_from_this(), transfer);
        act(CURL_SOCKET_TIMEOUT, 0);
        if (!transfer.over) co_await transfer.done.async_wait(no_throw);
        active.call_off();
    }

    static CURLM* start_curl() {
        // HTTP alone: no TLS library needs starting.
        ::curl_global_init(CURL_GLOBAL_NOTHING);
        CURLM* multi = ::curl_multi_init();
        if (!multi)
            throw std::runtime_error("libcurl could not start: descriptors or memory ran out");
        // libcurl's own socket pair is not close-on-exec before 8.17.
        ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        return multi;
    }

    Easy take_easy() {
        if (idle_.empty()) return make_easy();
        Easy easy = std::move(idle_.back());
        idle_.pop_back();
        return easy;
    }

    /// A handle with everything that is the same for every request.
    Easy make_easy() {
        Easy owner(::curl_easy_init());
        CURL* easy = owner.get();
        if (!easy) throw std::runtime_error("libcurl could not start: memory ran out");
        // libcurl takes a URL apart for every request: the shorter, the faster. The rest of it goes
        // into the request line as it is.
        ::curl_easy_setopt(easy, CURLOPT_URL, origin_.c_str());
        ::curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent_.c_str());
        ::curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
        ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        ::curl_easy_setopt(easy, CURLOPT_PROXY, "");
        ::curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
        Transfer::set_callbacks(easy);
        ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
        ::curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
        ::curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
        return owner;
    }

    static curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
        auto* engine = static_cast<Engine*>(user);
        const int fd =
            ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
        if (fd >= 0) engine->connections_.push_back({fd});
        return fd;
    }

    static int close_socket(void* user, curl_socket_t fd) {
        auto* engine = static_cast<Engine*>(user);
        for (Transfer* transfer : engine->active_) transfer->before_close(fd);
        std::erase_if(engine->connections_,
                      [fd](const Connection& known) { return known.socket == fd; });
        return ::close(fd);
    }

    static int watch_socket(CURL*, curl_socket_t fd, int what, void* user, void* known) {
        auto* engine = static_cast<Engine*>(user);
        const int epoll = engine->epoll_.native_handle();
        epoll_event event{};
        event.data.fd = fd;
        if (what == CURL_POLL_REMOVE) {
            ::epoll_ctl(epoll, EPOLL_CTL_DEL, fd, &event);
            return 0;
        }
        if (what & CURL_POLL_IN) event.events |= EPOLLIN;
        if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
        ::epoll_ctl(epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
        if (!known) ::curl_multi_assign(engine->multi_, fd, engine);
        return 0;
    }

    static int set_timeout(CURLM*, long milliseconds, void* user) {
        auto* engine = static_cast<Engine*>(user);
        engine->timeout_ = milliseconds;
        engine->timeout_changed_ = true;
        return 0;
    }

    void wait_for_sockets() {
        epoll_.async_wait(asio::posix::descriptor_base::wait_read,
                          [this](boost::system::error_code error) {
                              if (error) return;
                              serve_sockets();
                              wait_for_sockets();
                          });
    }

    void serve_sockets() {
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
    void act(curl_socket_t fd, int mask) {
        int running = 0;
        ::curl_multi_socket_action(multi_, fd, mask, &running);
        int left = 0;
        while (CURLMsg* message = ::curl_multi_info_read(multi_, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            Transfer* transfer = nullptr;
            const CURLcode result = message->data.result;
            ::curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
            finish(*transfer, result);
        }
        restart_timer();
    }

    void finish(Transfer& transfer, CURLcode result) {
        long status = 0;
        ::curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
        if (result == CURLE_OK) transfer.take_socket();
        ::curl_multi_remove_handle(multi_, transfer.easy.get());
        transfer.result = result;
        transfer.response.status = static_cast<int>(status);
        transfer.over = true;
        transfer.done.cancel();
    }

    void restart_timer() {
        if (!std::exchange(timeout_changed_, false)) return;
        // libcurl leaves a timeout of 0 behind when a transfer ends, which would only wake us.
        const bool idle = std::all_of(active_.begin(), active_.end(),
                                      [](const Transfer* transfer) { return transfer->over; });
        if (idle || timeout_ < 0) {
            timer_.cancel();
            return;
        }
        timer_.expires_after(std::chrono::milliseconds(timeout_));
        timer_.async_wait([this](boost::system::error_code error) {
            if (!error) act(CURL_SOCKET_TIMEOUT, 0);
        });
    }

    asio::any_io_executor executor_;
    std::string origin_;
    std::string user_agent_;
    asio::posix::stream_descriptor epoll_;
    asio::steady_timer timer_;
    long timeout_ = -1;
    bool timeout_changed_ = false;
    std::vector<Transfer*> active_;
    std::vector<Easy> idle_;
    std::vector<Connection> connections_;
    CURLM* multi_;
};

HttpClient::HttpClient(asio::any_io_executor executor, std::string origin, std::string user_agent)
    : engine_(std::make_shared<Engine>(executor, std::move(origin), std::move(user_agent))) {}

HttpClient::~HttpClient() = default;

asio::awaitable<HttpResult> HttpClient::send(const HttpRequest& request) {
    return engine_->send(request);
}

asio::awaitable<std::variant<int, HttpError>> HttpClient::connect() { return engine_->connect(); }

void HttpClient::cancel() { engine_->cancel(); }

}  // namespace forklift::protocol
