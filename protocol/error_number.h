#pragma once

#include <string>

namespace forklift::protocol {

/// What errno says, for people who have to mend it: "EMFILE (Too many open files)".
std::string in_words(int error);

}  // namespace forklift::protocol
