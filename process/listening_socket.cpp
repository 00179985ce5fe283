#include "process/listening_socket.h"

#include <arpa/inet.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "process/process_info.h"

namespace forklift::process {

namespace {

namespace fs = std::filesystem;

/// Where a socket listens, by its inode.
using Places = std::map<std::string, ListeningSocket>;

/// The address in eight or 32 hexadecimal digits: words in the machine's own byte order.
std::string address_of(const std::string& digits) {
    std::array<std::uint32_t, 4> words{};
    const std::size_t count = digits.size() / 8;
    for (std::size_t i = 0; i < count && i < words.size(); ++i)
        words[i] = static_cast<std::uint32_t>(std::stoul(digits.substr(8 * i, 8), nullptr, 16));
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = count == 1 ? AF_INET : AF_INET6;
    return ::inet_ntop(family, words.data(), text.data(), text.size()) ? text.data() : digits;
}

void read_table(const char* path, Places& places) {
    constexpr const char* listening = "0A";
    std::ifstream table(path);
    std::string line;
    std::getline(table, line);
    while (std::getline(table, line)) {
        std::istringstream words(line);
        std::string number, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
        words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> uid >>
            timeout >> inode;
        const auto colon = local.find(':');
        if (state != listening || colon == local.npos) continue;
        places[inode] = {
            0, address_of(local.substr(0, colon)),
            static_cast<std::uint16_t>(std::stoul(local.substr(colon + 1), nullptr, 16))};
    }
}

/// "4711" of "socket:[4711]"; empty for another kind of file.
std::string inode_of(const fs::path& descriptor) {
    std::error_code error;
    const std::string target = fs::read_symlink(descriptor, error).string();
    constexpr std::string_view before = "socket:[";
    if (error || !target.starts_with(before)) return {};
    return target.substr(before.size(), target.size() - before.size() - 1);
}

}  // namespace

std::vector<ListeningSocket> listening_sockets(const std::function<bool(pid_t)>& is_meant) {
    Places places;
    read_table("/proc/net/tcp", places);
    read_table("/proc/net/tcp6", places);
    std::vector<ListeningSocket> found;
    for (const pid_t pid : all_processes()) {
        if (!is_meant(pid)) continue;
        std::error_code error;
        fs::directory_iterator files("/proc/" + std::to_string(pid) + "/fd", error);
        for (; !error && files != fs::directory_iterator(); files.increment(error)) {
            const auto place = places.find(inode_of(files->path()));
            if (place == places.end()) continue;
            found.push_back(place->second);
            found.back().pid = pid;
        }
    }
    return found;
}

}  // namespace forklift::process
