#include "protocol/host_connector.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <optional>
#include <stdexcept>

#include "protocol/curl_loop.h"
#include "protocol/error_number.h"

namespace forklift::protocol {

namespace asio = boost::asio;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr long connect_timeout_ms = 1000;

struct FreeEasy {
    void operator()(CURL* easy) const { ::curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;

}  // namespace

/// libcurl's loop and the one handle that it connects with.
class HostConnector::Engine : public std::enable_shared_from_this<HostConnector::Engine> {
  public:
    Engine(asio::any_io_executor executor, const std::string& authority)
        : done_(executor, asio::steady_timer::time_point::max()),
          loop_(executor, [this](CURL*, CURLcode result) { finish(result); }),
          easy_(::curl_easy_init()) {
        CURL* easy = easy_.get();
        if (!easy) throw std::runtime_error("libcurl could not start: memory ran out");
        ::curl_easy_setopt(easy, CURLOPT_URL, ("http://" + authority).c_str());
        ::curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
        ::curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        ::curl_easy_setopt(easy, CURLOPT_PROXY, "");
        ::curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
        ::curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text_.data());
        ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
    }

    asio::awaitable<Connected> connect() {
        // Whoever waits may go with the loop, and libcurl must know nothing of it then.
        const Attempt attempt(shared_from_this());
        if (!over_) co_await done_.async_wait(no_throw);
        attempt.call_off();
        if (result_ != CURLE_OK)
            co_return HttpError{HttpError::Acknowledged::none, error_message()};
        co_return std::move(*connected_);
    }

    void cancel() {
        if (!over_) finish(CURLE_ABORTED_BY_CALLBACK);
    }

  private:
    /// A connect under way, from its beginning until it is over or nobody waits for it any more.
    class Attempt {
      public:
        explicit Attempt(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {
            engine_->begin();
        }
        Attempt(const Attempt&) = delete;
        Attempt& operator=(const Attempt&) = delete;
        ~Attempt() { call_off(); }

        void call_off() const { engine_->cancel(); }

      private:
        std::shared_ptr<Engine> engine_;
    };

    void begin() {
        over_ = false;
        connected_.reset();
        socket_error_ = 0;
        error_text_[0] = '\0';
        loop_.add(easy_.get());
    }

    static curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
        const int fd =
            ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
        if (fd < 0) static_cast<Engine*>(user)->socket_error_ = errno;
        return fd;
    }

    /// libcurl has done its work, or is kept from it.
    void finish(CURLcode result) {
        // libcurl closes its own descriptor as soon as the handle leaves the loop.
        if (result == CURLE_OK) take_socket();
        loop_.remove(easy_.get());
        result_ = result;
        over_ = true;
        done_.cancel();
    }

    void take_socket() {
        curl_socket_t curls = CURL_SOCKET_BAD;
        ::curl_easy_getinfo(easy_.get(), CURLINFO_ACTIVESOCKET, &curls);
        const int own = ::fcntl(curls, F_DUPFD_CLOEXEC, 3);
        if (own >= 0)
            connected_.emplace(adopt_socket(done_.get_executor(), own));
        else
            connected_.emplace(
                HttpError{HttpError::Acknowledged::none,
                          "no descriptor is left for the connection: " + in_words(errno)});
    }

    std::string error_message() const {
        if (result_ == CURLE_ABORTED_BY_CALLBACK) return "cancelled";
        const char* text = error_text_[0] ? error_text_.data() : ::curl_easy_strerror(result_);
        return socket_error_ == 0 ? text : fmt::format("{}: {}", text, in_words(socket_error_));
    }

    asio::steady_timer done_;
    CurlLoop loop_;
    std::array<char, CURL_ERROR_SIZE> error_text_{};
    /// Goes before its loop, in which its connection may be.
    Easy easy_;
    bool over_ = true;
    CURLcode result_ = CURLE_OK;
    std::optional<Connected> connected_;
    /// Why libcurl got no descriptor, or 0.
    int socket_error_ = 0;
};

HostConnector::HostConnector(asio::any_io_executor executor, const std::string& authority)
    : engine_(std::make_shared<Engine>(executor, authority)) {}

HostConnector::~HostConnector() = default;

asio::awaitable<Connected> HostConnector::connect() { return engine_->connect(); }

void HostConnector::cancel() { engine_->cancel(); }

}  // namespace forklift::protocol
