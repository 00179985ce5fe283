#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace forklift::process {

/// A directory of one's own that goes with the object, whatever stands in it by then.
class ScratchDirectory {
  public:
    /// Makes it under TMPDIR, or /tmp, for this user alone. On failure `error` is set.
    static std::optional<ScratchDirectory> make(std::error_code& error);

    ScratchDirectory(ScratchDirectory&& other) noexcept;
    ScratchDirectory& operator=(ScratchDirectory&&) = delete;
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    ~ScratchDirectory();

    const std::string& path() const { return path_; }

    /// Removes it now. No link is followed out of it. Returns why something in it could not be
    /// removed; it may be tried again.
    std::error_code remove();

  private:
    explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}

    std::string path_;
};

}  // namespace forklift::process
