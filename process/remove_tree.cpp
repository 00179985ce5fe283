#include "process/remove_tree.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <vector>

#include "process/directory.h"
#include "process/unique_fd.h"

namespace forklift::process {

namespace {

constexpr int open_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// Goes down into the folders and up again with one descriptor, where it stands.
class Removal {
  public:
    explicit Removal(UniqueFd top) : at_(std::move(top)) {}

    bool empty_all() {
        for (;;) {
            const auto inner = empty_but_for_folders();
            if (!inner) return false;
            if (!inner->empty()) {
                if (!go_down(*inner)) return false;
            } else if (way_.empty()) {
                return true;
            } else if (!go_up()) {
                return false;
            }
        }
    }

  private:
    /// A folder on the way to where we are: which of its entries was taken.
    struct Step {
        dev_t device;
        ino_t inode;
        std::string entry;
    };

    /// Removes files until there is a folder, and returns its name; empty when nothing is left,
    /// nothing when something cannot be removed.
    std::optional<std::string> empty_but_for_folders() {
        UniqueFd again(::openat(at_.get(), ".", open_flags));
        const Directory entries(again ? ::fdopendir(again.get()) : nullptr);
        if (!entries) return std::nullopt;
        (void)again.release();
        while (const dirent* entry = ::readdir(entries.get())) {
            const std::string name = entry->d_name;
            if (name == "." || name == "..") continue;
            if (entry->d_type == DT_DIR) return name;
            if (obeying([&] { return ::unlinkat(at_.get(), name.c_str(), 0); })) continue;
            // Of some file systems the kind of an entry is not known before.
            return errno == EISDIR ? std::optional(name) : std::nullopt;
        }
        return std::string();
    }

    /// Makes the folder we are in obey its owner, where that is what keeps `call` from its work.
    template <typename Call>
    bool obeying(Call call) {
        if (call() == 0) return true;
        return errno == EACCES && ::fchmod(at_.get(), 0700) == 0 && call() == 0;
    }

    bool go_down(const std::string& name) {
        struct stat here {};
        if (::fstat(at_.get(), &here) != 0) return false;
        UniqueFd inner(::openat(at_.get(), name.c_str(), open_flags));
        if (!inner && errno == EACCES && ::fchmodat(at_.get(), name.c_str(), 0700, 0) == 0)
            inner.reset(::openat(at_.get(), name.c_str(), open_flags));
        if (!inner) return false;
        way_.push_back({here.st_dev, here.st_ino, name});
        at_ = std::move(inner);
        return true;
    }

    bool go_up() {
        UniqueFd above(::openat(at_.get(), "..", open_flags));
        struct stat there {};
        if (!above || ::fstat(above.get(), &there) != 0) return false;
        // Somebody may have moved the folder meanwhile.
        const Step step = std::move(way_.back());
        if (there.st_dev != step.device || there.st_ino != step.inode) {
            errno = EBUSY;
            return false;
        }
        way_.pop_back();
        at_ = std::move(above);
        return obeying([&] { return ::unlinkat(at_.get(), step.entry.c_str(), AT_REMOVEDIR); });
    }

    UniqueFd at_;
    std::vector<Step> way_;
};

}  // namespace

std::error_code remove_tree(const std::string& folder) {
    const auto last_error = [] { return std::error_code(errno, std::system_category()); };
    // Most are empty, and that takes no descriptor.
    if (::rmdir(folder.c_str()) == 0) return {};
    UniqueFd top(::open(folder.c_str(), open_flags));
    if (!top && errno == EACCES && ::chmod(folder.c_str(), 0700) == 0)
        top.reset(::open(folder.c_str(), open_flags));
    if (!top || !Removal(std::move(top)).empty_all()) return last_error();
    return ::rmdir(folder.c_str()) == 0 ? std::error_code() : last_error();
}

}  // namespace forklift::process
