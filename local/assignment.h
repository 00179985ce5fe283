#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "local/answer.h"
#include "local/environment.h"
#include "local/invocation.h"

namespace forklift::local {

/// An invocation that an environment has. It is abandoned when this goes before the answer is
/// there, however that comes: the environment is not to wait for somebody to ask for the answer.
class Assignment {
  public:
    /// No environment is free.
    Assignment() = default;
    /// `environment` must be free.
    Assignment(std::shared_ptr<Environment> environment,
               std::shared_ptr<const Invocation> invocation)
        : environment_(std::move(environment)), invocation_(std::move(invocation)) {
        environment_->assign(invocation_);
    }
    Assignment(Assignment&&) noexcept = default;
    Assignment& operator=(Assignment&& other) noexcept {
        std::swap(environment_, other.environment_);
        std::swap(invocation_, other.invocation_);
        return *this;
    }
    Assignment(const Assignment&) = delete;
    Assignment& operator=(const Assignment&) = delete;
    ~Assignment() {
        if (environment_) environment_->abandon(*invocation_);
    }

    explicit operator bool() const { return environment_ != nullptr; }

    /// See `Environment::answer`.
    boost::asio::awaitable<std::optional<Answer>> answer() { return environment_->answer(); }

  private:
    std::shared_ptr<Environment> environment_;
    std::shared_ptr<const Invocation> invocation_;
};

}  // namespace forklift::local
