#include "protocol/error_number.h"

#include <cstring>

namespace forklift::protocol {

std::string in_words(int error) {
    const char* name = ::strerrorname_np(error);
    return std::string(name ? name : std::to_string(error)) + " (" + ::strerror(error) + ")";
}

}  // namespace forklift::protocol
