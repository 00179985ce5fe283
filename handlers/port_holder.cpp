#include "handlers/port_holder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <sstream>

#include "process/file.h"
#include "process/listening_socket.h"
#include "process/process_info.h"

namespace forklift::handlers {

namespace {

using process::ProcessInfo;

constexpr std::size_t max_note = 200;

/// What a bootstrap has noted of a server.
struct Note {
    process::Mark owner;
    pid_t group = 0;
    /// When the group's leader began.
    std::uint64_t start = 0;

    /// The group is still the one that was meant: its number belongs to nobody else while it has
    /// members, and its leader, if it is there, began when the note says.
    bool names(pid_t of_group) const {
        const auto leader = process::process_info(group);
        return of_group == group && (!leader || leader->start == start);
    }
};

std::string note_path(std::uint16_t port) {
    const char* base = std::getenv("TMPDIR");
    return fmt::format("{}/forklift-server-{}", base && *base ? base : "/tmp", port);
}

/// The note of a bootstrap that is gone.
std::optional<Note> note_of_the_dead(std::uint16_t port) {
    const std::string path = note_path(port);
    struct stat info {};
    // In a folder that all may write to, somebody else's file says nothing of ours.
    if (::lstat(path.c_str(), &info) != 0 || info.st_uid != ::geteuid()) return std::nullopt;
    std::error_code error;
    std::istringstream text(process::read_plain_file(path, max_note, error));
    Note note;
    std::string owner;
    if (error || !(text >> owner >> note.group >> note.start)) return std::nullopt;
    const auto mark = process::to_mark(owner);
    if (!mark || mark->owner_lives()) return std::nullopt;
    note.owner = *mark;
    return note;
}

PortHolder holder_of(pid_t pid, const std::optional<Note>& note) {
    PortHolder holder{pid, process::command_line(pid), process::mark_of(pid), false};
    // Elsewhere the pid of an owner is somebody else's.
    if (!process::shares_pid_namespace(pid)) return holder;
    if (holder.mark) {
        holder.is_leftover = !holder.mark->owner_lives();
    } else if (const auto info = process::process_info(pid); info && note) {
        holder.is_leftover = note->names(info->group);
    }
    return holder;
}

}  // namespace

std::vector<PortHolder> port_holders(std::uint16_t port) {
    const auto note = note_of_the_dead(port);
    std::vector<PortHolder> holders;
    for (const auto& socket : process::listening_sockets([](pid_t) { return true; })) {
        const auto known = [&](const PortHolder& holder) { return holder.pid == socket.pid; };
        if (socket.port == port && std::none_of(holders.begin(), holders.end(), known))
            holders.push_back(holder_of(socket.pid, note));
    }
    return holders;
}

std::string describe(const std::vector<PortHolder>& holders) {
    if (holders.empty())
        return "a program that cannot be seen from here (another user's, or outside of this "
               "container)";
    std::string text;
    for (const PortHolder& holder : holders) {
        text += fmt::format("{}pid {} ({})", text.empty() ? "" : ", ", holder.pid, holder.command);
        if (!holder.mark || holder.is_leftover) continue;
        const bool is_ours = holder.mark->owner == process::own_mark().owner;
        text += is_ours ? ", which the server before this one has left in the background"
                        : fmt::format(", which another bootstrap (pid {}) has started",
                                      holder.mark->owner);
    }
    return text;
}

void kill_leftovers(const std::vector<PortHolder>& holders) {
    for (const PortHolder& holder : holders) {
        if (!holder.is_leftover) continue;
        const auto info = process::process_info(holder.pid);
        // A group of our own would be that of whoever started us.
        if (info && info->group > 1 && info->group != ::getpgrp()) ::kill(-info->group, SIGKILL);
        ::kill(holder.pid, SIGKILL);
        for (const pid_t pid : process::all_processes()) {
            if (holder.mark && process::mark_of(pid) == holder.mark) ::kill(pid, SIGKILL);
        }
    }
}

void note_server(std::uint16_t port, pid_t group) {
    const auto leader = process::process_info(group);
    if (!leader) return;
    forget_server(port);
    process::write_file(
        note_path(port),
        fmt::format("{} {} {}\n", process::to_text(process::own_mark()), group, leader->start));
}

void forget_server(std::uint16_t port) { ::unlink(note_path(port).c_str()); }

}  // namespace forklift::handlers
