#pragma once

#include <cstddef>

namespace forklift::local {

/// The memory that the bodies of all requests and answers of a server take together. A client may
/// send all of a large body but its last byte, and then wait: each on its own looks harmless.
class BodyBudget {
  public:
    /// `limit` in bytes.
    explicit BodyBudget(std::size_t limit) : limit_(limit) {}
    BodyBudget(const BodyBudget&) = delete;
    BodyBudget& operator=(const BodyBudget&) = delete;
    ~BodyBudget() = default;

    bool has_room(std::size_t bytes) const { return used_ <= limit_ && bytes <= limit_ - used_; }

    /// What one connection has taken, given back when the object goes.
    class Share {
      public:
        /// `budget` must outlive it.
        explicit Share(BodyBudget& budget) : budget_(budget) {}
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        ~Share() { give_back(); }

        bool has_room(std::size_t bytes) const { return budget_.has_room(bytes); }
        /// Takes so many bytes more; false, and nothing is taken, when there is no room.
        bool take(std::size_t bytes);
        /// For what is there already, and cannot be refused any more.
        void take_anyway(std::size_t bytes);
        void give_back();

      private:
        BodyBudget& budget_;
        std::size_t taken_ = 0;
    };

  private:
    std::size_t limit_;
    std::size_t used_ = 0;
};

}  // namespace forklift::local
