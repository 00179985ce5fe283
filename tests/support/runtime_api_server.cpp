#include "tests/support/runtime_api_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "tests/support/checked.h"

namespace forklift::test {

namespace {

constexpr const char* next_path = "/2018-06-01/runtime/invocation/next";

std::string deadline_after(std::chrono::milliseconds time_left) {
    const auto deadline = std::chrono::system_clock::now() + time_left;
    return std::to_string(
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline.time_since_epoch()).count());
}

HttpFields headers_of(const Event& event) {
    HttpFields headers{{"Content-Type", "application/json"},
                       {"Lambda-Runtime-Aws-Request-Id", event.id},
                       {"Lambda-Runtime-Invoked-Function-Arn",
                        "arn:aws:lambda:eu-west-1:123456789012:function:test"}};
    if (event.time_left)
        headers.emplace_back("Lambda-Runtime-Deadline-Ms", deadline_after(*event.time_left));
    headers.insert(headers.end(), event.headers.begin(), event.headers.end());
    return headers;
}

/// The body in chunks that end where no line and no value does.
std::string in_chunks(std::string_view body) {
    std::ostringstream out;
    for (std::size_t at = 0; at < body.size(); at += 1009) {
        const auto chunk = body.substr(at, 1009);
        out << std::hex << chunk.size() << "\r\n" << chunk << "\r\n";
    }
    out << "0\r\n\r\n";
    return out.str();
}

std::string response(const Reply& reply, const HttpFields& headers) {
    std::ostringstream out;
    out << "HTTP/1.1 " << reply.status << " Whatever\r\n";
    for (const auto& [name, value] : headers) out << name << ": " << value << "\r\n";
    if (reply.manner == Manner::answers_in_chunks)
        out << "Transfer-Encoding: chunked\r\n\r\n" << in_chunks(reply.body);
    else
        out << "Content-Length: " << reply.body.size() << "\r\n\r\n" << reply.body;
    return out.str();
}

}  // namespace

RuntimeApiServer::RuntimeApiServer(Start start)
    : socket_(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket of the server")) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    checked(::bind(socket_.get(), raw, length), "bind");
    checked(::getsockname(socket_.get(), raw, &length), "getsockname");
    port_ = ntohs(address.sin_port);
    if (start == Start::at_once) listen();
}

RuntimeApiServer::~RuntimeApiServer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (auto& [number, stream] : streams_) stream->shut_down();
        changed_.notify_all();
    }
    ::shutdown(socket_.get(), SHUT_RDWR);
    if (acceptor_.joinable()) acceptor_.join();
    for (auto& server : servers_) server.join();
}

void RuntimeApiServer::listen() {
    checked(::listen(socket_.get(), 64), "listen");
    acceptor_ = std::thread([this] { accept_connections(); });
}

std::string RuntimeApiServer::address() const { return "127.0.0.1:" + std::to_string(port_); }

void RuntimeApiServer::add(Event event) {
    const std::lock_guard lock(mutex_);
    nexts_.emplace_back(std::move(event));
    changed_.notify_all();
}

void RuntimeApiServer::add_many(int count, const Event& event) {
    const std::lock_guard lock(mutex_);
    for (int i = 1; i <= count; ++i) {
        auto one = event;
        one.id = "event-" + std::to_string(i);
        nexts_.emplace_back(std::move(one));
    }
    changed_.notify_all();
}

void RuntimeApiServer::add_next(Reply reply) {
    const std::lock_guard lock(mutex_);
    nexts_.emplace_back(std::move(reply));
    changed_.notify_all();
}

void RuntimeApiServer::add_post(Reply reply) {
    const std::lock_guard lock(mutex_);
    post_replies_.push_back(std::move(reply));
}

void RuntimeApiServer::release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
}

template <typename Condition>
void RuntimeApiServer::wait_for(const char* what, Condition condition) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, condition))
        throw std::runtime_error(std::string("waited in vain for ") + what + "; so far" +
                                 history());
}

Request RuntimeApiServer::next_post() {
    std::optional<Request> post;
    wait_for("a POST", [&] {
        std::size_t number = 0;
        for (const auto& request : requests_)
            if (request.method == "POST" && number++ == posts_returned_) post = request;
        return post.has_value();
    });
    ++posts_returned_;
    return *post;
}

void RuntimeApiServer::wait_for_polls(int count) {
    wait_for("requests for the next event", [&] { return polls_ >= count; });
}

void RuntimeApiServer::wait_until_idle() {
    wait_for("an idle runtime", [&] { return nexts_.empty() && waiting_ > 0; });
}

std::vector<Request> RuntimeApiServer::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

std::vector<Request> RuntimeApiServer::posts() const {
    const std::lock_guard lock(mutex_);
    std::vector<Request> posts;
    std::copy_if(requests_.begin(), requests_.end(), std::back_inserter(posts),
                 [](const Request& request) { return request.method == "POST"; });
    return posts;
}

int RuntimeApiServer::polls() const {
    const std::lock_guard lock(mutex_);
    return polls_;
}

int RuntimeApiServer::connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
}

void RuntimeApiServer::forget_requests() {
    const std::lock_guard lock(mutex_);
    forgetting_ = true;
    requests_.clear();
    posts_returned_ = 0;
}

std::string RuntimeApiServer::history() const {
    std::string lines;
    for (const auto& request : requests_) lines += "\n  " + request.method + " " + request.path;
    return lines.empty() ? " nothing came" : lines;
}

void RuntimeApiServer::accept_connections() {
    for (;;) {
        FileDescriptor socket(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (socket.get() < 0) return;
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        const int connection = ++connections_;
        auto& stream = streams_[connection] = std::make_unique<HttpStream>(std::move(socket));
        servers_.emplace_back([this, &stream = *stream, connection] { serve(stream, connection); });
    }
}

void RuntimeApiServer::serve(HttpStream& stream, int connection) {
    while (serve_request(stream, connection)) {
    }
    const std::lock_guard lock(mutex_);
    streams_.erase(connection);
}

/// Returns whether the connection can take another request.
bool RuntimeApiServer::serve_request(HttpStream& stream, int connection) {
    auto request = stream.read_head();
    if (!request) return false;

    HttpFields headers{{"Content-Type", "application/json"}};
    std::optional<Reply> reply;
    if (request->word(0) == "POST") {
        reply = take_post_reply();
        if (reply->manner == Manner::resets_before_body) {
            record(std::move(*request), connection);
            stream.reset_at_end();
            return false;
        }
        if (reply->manner == Manner::resets_unacknowledged) stream.reset_unacknowledged_at_end();
    }
    if (!stream.read_body(*request)) return false;
    record(*request, connection);
    if (!reply) reply = reply_to(*request, headers);
    if (!reply) return false;

    if (reply->manner == Manner::closes_without_answer) return false;
    if (reply->manner == Manner::resets_unacknowledged) return false;
    if (reply->manner == Manner::resets_before_body) {
        stream.reset_at_end();
        return false;
    }
    if (reply->manner == Manner::holds) wait_for_release();
    return stream.write(response(*reply, headers)) && reply->manner != Manner::answers_and_closes;
}

std::optional<Reply> RuntimeApiServer::reply_to(const HttpMessage& request, HttpFields& headers) {
    if (request.word(1) != next_path) return Reply{404, "{}", Manner::answers};
    const auto next = take_next();
    if (!next) return std::nullopt;
    if (const auto* reply = std::get_if<Reply>(&*next)) return *reply;
    const auto& event = std::get<Event>(*next);
    headers = headers_of(event);
    return Reply{200, event.payload, event.manner};
}

std::optional<RuntimeApiServer::Next> RuntimeApiServer::take_next() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return stopping_ || !nexts_.empty(); });
    --waiting_;
    if (stopping_) return std::nullopt;
    auto next = std::move(nexts_.front());
    nexts_.pop_front();
    return next;
}

Reply RuntimeApiServer::take_post_reply() {
    const std::lock_guard lock(mutex_);
    if (post_replies_.empty()) return {};
    auto reply = std::move(post_replies_.front());
    post_replies_.pop_front();
    return reply;
}

void RuntimeApiServer::record(HttpMessage message, int connection) {
    const std::lock_guard lock(mutex_);
    if (message.word(1) == next_path) ++polls_;
    if (!forgetting_) {
        auto method = message.word(0);
        auto path = message.word(1);
        requests_.push_back({std::move(method), std::move(path), std::move(message),
                             std::chrono::system_clock::now(), connection});
    }
    changed_.notify_all();
}

void RuntimeApiServer::wait_for_release() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || released_; });
}

}  // namespace forklift::test
