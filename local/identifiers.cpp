#include "local/identifiers.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>

namespace forklift::local {

namespace {

std::string to_hex(const unsigned char* bytes, std::size_t count) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * count);
    for (std::size_t i = 0; i < count; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

/// Takes random bytes out of a stock, which the kernel fills 256 at a time: so many it gives whole
/// (getrandom(2)).
void fill_random(unsigned char* bytes, std::size_t count) {
    static std::array<unsigned char, 256> stock;
    static std::size_t left = 0;
    if (left < count) {
        while (::getrandom(stock.data(), stock.size(), 0) < 0) {
            if (errno != EINTR) throw std::system_error(errno, std::system_category(), "getrandom");
        }
        left = stock.size();
    }
    left -= count;
    std::copy_n(stock.data() + left, count, bytes);
}

}  // namespace

std::string random_hex(std::size_t bytes) {
    std::array<unsigned char, 32> random{};
    fill_random(random.data(), bytes);
    return to_hex(random.data(), bytes);
}

std::string make_uuid() {
    std::array<unsigned char, 16> random{};
    fill_random(random.data(), random.size());
    random[6] = static_cast<unsigned char>((random[6] & 0x0f) | 0x40);
    random[8] = static_cast<unsigned char>((random[8] & 0x3f) | 0x80);
    std::string uuid = to_hex(random.data(), random.size());
    for (const std::size_t at : {8, 13, 18, 23}) uuid.insert(at, 1, '-');
    return uuid;
}

std::string make_trace_id() {
    return fmt::format("Root=1-{:08x}-{};Parent={};Sampled=0",
                       static_cast<std::uint32_t>(std::time(nullptr)), random_hex(12),
                       random_hex(8));
}

std::string make_log_stream_name() {
    return fmt::format("{:%Y/%m/%d}/[$LATEST]{}", fmt::gmtime(std::time(nullptr)), random_hex(16));
}

}  // namespace forklift::local
