#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "tests/support/file_descriptor.h"

namespace forklift::test {

/// A DNS server (RFC 1035) that knows one name, whose address is 127.0.0.1, and says of any other
/// that it does not exist. It answers at port 53 of a loopback address of its own, so only root may
/// have it.
class NameServer {
  public:
    explicit NameServer(std::string name);
    NameServer(const NameServer&) = delete;
    NameServer& operator=(const NameServer&) = delete;
    ~NameServer();

    /// For the line "nameserver" of resolv.conf.
    static std::string address() { return "127.53.53.53"; }

    int questions() const { return questions_; }

  private:
    void serve();

    std::string name_;
    FileDescriptor socket_;
    std::atomic<int> questions_ = 0;
    std::thread server_;
};

}  // namespace forklift::test
