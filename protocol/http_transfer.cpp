#include "protocol/http_transfer.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>

#include "protocol/acknowledged_bytes.h"

namespace forklift::protocol {

namespace {

constexpr std::size_t max_reserved = 64 * 1024 * 1024;
/// libcurl takes a buffer of this size for each request with a body, and its own 64 KiB are dear
/// for a small one.
constexpr long small_upload = 16 * 1024;
constexpr long large_upload = 1024 * 1024;

std::uint16_t local_port(int socket) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
    const auto* in4 = reinterpret_cast<const sockaddr_in*>(&address);
    const auto* in6 = reinterpret_cast<const sockaddr_in6*>(&address);
    return ntohs(address.ss_family == AF_INET6 ? in6->sin6_port : in4->sin_port);
}

std::string_view trim(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

Transfer::Transfer(boost::asio::any_io_executor executor, Easy handle,
                   std::vector<Connection>& open_connections)
    : easy(std::move(handle)),
      done(executor, boost::asio::steady_timer::time_point::max()),
      connections_(open_connections) {}

void Transfer::set_callbacks(CURL* easy) {
    ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    ::curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    ::curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending);
}

void Transfer::prepare(const HttpRequest& request) {
    for (const auto& [name, value] : request.headers) {
        append_header(value.empty() ? name + ";" : name + ": " + value);
    }
    append_header("Expect:");
    append_header("Accept:");
    // Without one libcurl takes every body for a form.
    if (!request.headers.find("Content-Type")) append_header("Content-Type:");
    max_answer_ = request.max_answer;
    CURL* handle = easy.get();
    set_owner();
    // A kept connection may be about to be closed by the server.
    ::curl_easy_setopt(handle, CURLOPT_FORBID_REUSE, 1L);
    ::curl_easy_setopt(handle, CURLOPT_REQUEST_TARGET, request.target.c_str());
    ::curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers_.get());
    ::curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    if (request.body) {
        ::curl_easy_setopt(handle, CURLOPT_UPLOAD_BUFFERSIZE,
                           request.body->size() < small_upload ? small_upload : large_upload);
        ::curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                           static_cast<curl_off_t>(request.body->size()));
        ::curl_easy_setopt(handle, CURLOPT_POSTFIELDS,
                           request.body->data() ? request.body->data() : "");
    } else {
        ::curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    }
    set_method(request);
}

void Transfer::prepare_to_connect() {
    set_owner();
    connects_only_ = true;
    ::curl_easy_setopt(easy.get(), CURLOPT_CONNECT_ONLY, 1L);
}

void Transfer::set_owner() {
    CURL* handle = easy.get();
    ::curl_easy_setopt(handle, CURLOPT_PRIVATE, this);
    ::curl_easy_setopt(handle, CURLOPT_WRITEDATA, this);
    ::curl_easy_setopt(handle, CURLOPT_HEADERDATA, this);
    ::curl_easy_setopt(handle, CURLOPT_PREREQDATA, this);
    ::curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error_text_.data());
}

void Transfer::take_socket() {
    curl_socket_t connected = CURL_SOCKET_BAD;
    if (!connects_only_) return;
    ::curl_easy_getinfo(easy.get(), CURLINFO_ACTIVESOCKET, &connected);
    if (connected != CURL_SOCKET_BAD) socket = ::fcntl(connected, F_DUPFD_CLOEXEC, 3);
}

void Transfer::set_method(const HttpRequest& request) {
    if (request.method.empty()) return;
    if (request.method == "HEAD") {
        ::curl_easy_setopt(easy.get(), CURLOPT_NOBODY, 1L);
    } else {
        ::curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
}

Easy Transfer::release() {
    ::curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, nullptr);
    ::curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, nullptr);
    ::curl_easy_setopt(easy.get(), CURLOPT_CONNECT_ONLY, 0L);
    ::curl_easy_setopt(easy.get(), CURLOPT_NOBODY, 0L);
    ::curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, nullptr);
    return std::move(easy);
}

void Transfer::append_header(const std::string& line) {
    headers_.reset(::curl_slist_append(headers_.release(), line.c_str()));
}

void Transfer::before_close(int fd) {
    if (sent_on_ != fd) return;
    acknowledged_at_close_ = acknowledged_bytes(fd);
    // The next connection may get the same number.
    sent_on_ = -1;
}

std::string Transfer::error_message() const {
    if (result == CURLE_ABORTED_BY_CALLBACK) {
        return times_sent_ > 1 ? "the connection was closed before an answer came" : "cancelled";
    }
    return error_text_[0] ? error_text_.data() : ::curl_easy_strerror(result);
}

HttpError::Acknowledged Transfer::acknowledged() const {
    if (times_sent_ == 0) return HttpError::Acknowledged::none;
    const bool nothing_arrived =
        acknowledged_at_close_ != UINT64_MAX && acknowledged_at_close_ <= acknowledged_before_;
    return nothing_arrived ? HttpError::Acknowledged::none : HttpError::Acknowledged::maybe;
}

std::size_t Transfer::take_body(char* data, std::size_t, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    std::string& body = transfer.response.body;
    transfer.too_large_ = transfer.max_answer_ > 0 && size > transfer.max_answer_ - body.size();
    if (transfer.too_large_) return 0;
    body.append(data, size);
    return size;
}

std::size_t Transfer::take_header(char* data, std::size_t, std::size_t size, void* user) {
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
                std::strtoull(line.data() + colon + 1, nullptr, 10), max_reserved));
        }
    }
    return size;
}

/// Called when a connection is ready, before the request goes out on it. A second call for the same
/// request is libcurl about to send it again.
int Transfer::before_sending(void* user, char*, char*, int, int port) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (transfer.times_sent_++ > 0) return CURL_PREREQFUNC_ABORT;
    for (Connection& connection : transfer.connections_) {
        if (connection.port == 0) connection.port = local_port(connection.socket);
        if (connection.port != port) continue;
        transfer.sent_on_ = connection.socket;
        transfer.acknowledged_before_ = acknowledged_bytes(connection.socket);
    }
    return CURL_PREREQFUNC_OK;
}

}  // namespace forklift::protocol
