#include "local/memory_gauge.h"

#include <algorithm>

namespace forklift::local {

void MemoryGauge::begin() {
    peak_ = last_;
    for (Member& member : members_) member.mark_at_beginning = member.mark;
}

/// Where in `members_` a process is; it is added when it is new.
std::size_t MemoryGauge::member_of(pid_t pid) {
    const auto known = std::find_if(members_.begin(), members_.end(), [pid](const Member& member) {
        return member.files.pid() == pid;
    });
    if (known != members_.end()) return static_cast<std::size_t>(known - members_.begin());
    members_.push_back({ProcessFiles(pid)});
    return members_.size() - 1;
}

void MemoryGauge::sample() {
    for (Member& member : members_) member.alive = false;
    std::size_t resident = 0;
    std::size_t missed = 0;
    std::vector<pid_t> tree{root_};
    for (std::size_t i = 0; i < tree.size(); ++i) {
        Member& member = members_[member_of(tree[i])];
        const auto status = member.files.status();
        if (!status) continue;
        member.alive = true;
        member.mark = status->highest;
        member.files.append_children(status->threads, tree);
        resident += status->resident;
        if (member.mark > member.mark_at_beginning && member.mark > status->resident) {
            missed = std::max(missed, member.mark - status->resident);
        }
    }
    // Files of a process that is gone are closed: its number may come to belong to another.
    std::erase_if(members_, [](const Member& member) { return !member.alive; });
    if (resident > 0) last_ = resident;
    peak_ = std::max(peak_, resident + missed);
}

}  // namespace forklift::local
