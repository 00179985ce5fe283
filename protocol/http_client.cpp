#include "protocol/http_client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <vector>

#include "protocol/curl_loop.h"
#include "protocol/http_transfer.h"

namespace forklift::protocol {

namespace {

namespace asio = boost::asio;
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr long connect_timeout_ms = 1000;

}  // namespace

/// The transfers under way, and handles and connections for the next ones.
class HttpClient::Engine : public std::enable_shared_from_this<HttpClient::Engine> {
  public:
    Engine(asio::any_io_executor executor, std::string origin, std::string user_agent)
        : executor_(executor),
          origin_(std::move(origin)),
          user_agent_(std::move(user_agent)),
          loop_(executor, [this](CURL* easy, CURLcode result) {
              Transfer* transfer = nullptr;
              ::curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
              finish(*transfer, result);
          }) {}
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine() {
        // libcurl's handles go before its loop, in which their connections may be.
        idle_.clear();
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
        loop_.add(transfer.easy.get());
        if (!transfer.over) co_await transfer.done.async_wait(no_throw);
        active.call_off();
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

    void finish(Transfer& transfer, CURLcode result) {
        long status = 0;
        ::curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
        if (result == CURLE_OK) transfer.take_socket();
        loop_.remove(transfer.easy.get());
        transfer.result = result;
        transfer.response.status = static_cast<int>(status);
        transfer.over = true;
        transfer.done.cancel();
    }

    asio::any_io_executor executor_;
    std::string origin_;
    std::string user_agent_;
    std::vector<Transfer*> active_;
    std::vector<Easy> idle_;
    std::vector<Connection> connections_;
    CurlLoop loop_;
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
