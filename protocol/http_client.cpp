#include "protocol/http_client.h"

#include <curl/curl.h>
#include <netinet/in.h>
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

#include "protocol/acknowledged_bytes.h"

namespace forklift::protocol {

namespace {

namespace asio = boost::asio;
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr long connect_timeout_ms = 1000;

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

/// One request under way.
struct Transfer {
    Transfer(asio::any_io_executor executor, Easy handle, std::vector<Connection>& open_connections)
        : easy(std::move(handle)),
          connections(open_connections),
          done(executor, asio::steady_timer::time_point::max()) {}

    Easy easy;
    std::vector<Connection>& connections;
    HeaderList headers;
    HttpResponse response;
    std::array<char, CURL_ERROR_SIZE> error_text{};
    CURLcode result = CURLE_OK;
    /// Cancelled when the transfer is over.
    asio::steady_timer done;
    bool over = false;
    /// The connection it was sent on, and what the server had acknowledged on it before and when it
    /// was closed.
    int socket = -1;
    int times_sent = 0;
    std::uint64_t acknowledged_before = 0;
    std::uint64_t acknowledged_at_close = UINT64_MAX;

    std::string error_message() const {
        if (result == CURLE_ABORTED_BY_CALLBACK) {
            return times_sent > 0 ? "the connection was closed before an answer came" : "cancelled";
        }
        return error_text[0] ? error_text.data() : ::curl_easy_strerror(result);
    }

    HttpError::Taken taken() const {
        if (times_sent == 0) return HttpError::Taken::no;
        const bool nothing_arrived =
            acknowledged_at_close != UINT64_MAX && acknowledged_at_close <= acknowledged_before;
        return nothing_arrived ? HttpError::Taken::no : HttpError::Taken::maybe;
    }
};

std::uint16_t local_port(int socket) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
    const auto* in4 = reinterpret_cast<const sockaddr_in*>(&address);
    const auto* in6 = reinterpret_cast<const sockaddr_in6*>(&address);
    return ntohs(address.ss_family == AF_INET6 ? in6->sin6_port : in4->sin_port);
}

std::size_t take_body(char* data, std::size_t, std::size_t size, void* user) {
    static_cast<Transfer*>(user)->response.body.append(data, size);
    return size;
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::size_t take_header(char* data, std::size_t, std::size_t size, void* user) {
    auto& response = static_cast<Transfer*>(user)->response;
    const std::string_view line(data, size);
    const auto colon = line.find(':');
    if (line.starts_with("HTTP/")) {
        response.headers.clear();
    } else if (colon != line.npos) {
        response.headers.add(std::string(line.substr(0, colon)),
                             std::string(trim(line.substr(colon + 1))));
        // Room for the whole body at once.
        if (equal_ignoring_case(line.substr(0, colon), "Content-Length")) {
            response.body.reserve(std::min<std::size_t>(
                std::strtoull(line.data() + colon + 1, nullptr, 10), 64 * 1024 * 1024));
        }
    }
    return size;
}

}  // namespace

/// libcurl's multi handle in the event loop. Its socket callback fills a nested epoll descriptor,
/// the only thing of libcurl's that Asio waits on: curl's sockets may come, go and be reused as
/// they like.
class HttpClient::Engine {
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
        prepare(transfer, request);
        active_.push_back(&transfer);
        ::curl_multi_add_handle(multi_, transfer.easy.get());
        act(CURL_SOCKET_TIMEOUT, 0);
        while (!transfer.over) co_await transfer.done.async_wait(no_throw);
        std::erase(active_, &transfer);
        // What the handle points to ends with the transfer.
        ::curl_easy_setopt(transfer.easy.get(), CURLOPT_ERRORBUFFER, nullptr);
        ::curl_easy_setopt(transfer.easy.get(), CURLOPT_HTTPHEADER, nullptr);
        idle_.push_back(std::move(transfer.easy));
        if (transfer.result == CURLE_OK) co_return std::move(transfer.response);
        co_return HttpError{transfer.taken(), transfer.error_message()};
    }

    void cancel() {
        for (Transfer* transfer : active_) {
            if (transfer->over) continue;
            finish(*transfer, CURLE_ABORTED_BY_CALLBACK);
        }
    }

  private:
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
        ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
        ::curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
        ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
        ::curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
        ::curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
        ::curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending);
        return owner;
    }

    static void prepare(Transfer& transfer, const HttpRequest& request) {
        CURL* easy = transfer.easy.get();
        for (const auto& [name, value] : request.headers) {
            append_header(transfer, value.empty() ? name + ";" : name + ": " + value);
        }
        append_header(transfer, "Expect:");
        append_header(transfer, "Accept:");
        ::curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
        ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
        ::curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
        ::curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);
        ::curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error_text.data());
        ::curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, request.target.c_str());
        ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
        ::curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
        if (request.body) {
            ::curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                               static_cast<curl_off_t>(request.body->size()));
            ::curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                               request.body->data() ? request.body->data() : "");
        } else {
            ::curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        }
    }

    static void append_header(Transfer& transfer, const std::string& line) {
        transfer.headers.reset(::curl_slist_append(transfer.headers.release(), line.c_str()));
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
        for (Transfer* transfer : engine->active_) {
            if (transfer->socket != fd) continue;
            transfer->acknowledged_at_close = acknowledged_bytes(fd);
            // The next connection may get the same number.
            transfer->socket = -1;
        }
        std::erase_if(engine->connections_,
                      [fd](const Connection& known) { return known.socket == fd; });
        return ::close(fd);
    }

    /// Called when a connection is ready, before the request goes out on it. A second call for the
    /// same request is libcurl about to send it again.
    static int before_sending(void* user, char*, char*, int, int port) {
        auto& transfer = *static_cast<Transfer*>(user);
        if (transfer.times_sent++ > 0) return CURL_PREREQFUNC_ABORT;
        for (Connection& connection : transfer.connections) {
            if (connection.port == 0) connection.port = local_port(connection.socket);
            if (connection.port != port) continue;
            transfer.socket = connection.socket;
            transfer.acknowledged_before = acknowledged_bytes(connection.socket);
        }
        return CURL_PREREQFUNC_OK;
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
        ::curl_multi_remove_handle(multi_, transfer.easy.get());
        transfer.result = result;
        transfer.response.status = static_cast<int>(status);
        transfer.over = true;
        transfer.done.cancel();
    }

    void restart_timer() {
        // libcurl leaves a timeout of 0 behind when a transfer ends, which would only wake us.
        const bool idle = std::all_of(active_.begin(), active_.end(),
                                      [](const Transfer* transfer) { return transfer->over; });
        if (!std::exchange(timeout_changed_, false)) return;
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
    : engine_(std::make_unique<Engine>(executor, std::move(origin), std::move(user_agent))) {}

HttpClient::~HttpClient() = default;

asio::awaitable<HttpResult> HttpClient::send(const HttpRequest& request) {
    return engine_->send(request);
}

void HttpClient::cancel() { engine_->cancel(); }

}  // namespace forklift::protocol
