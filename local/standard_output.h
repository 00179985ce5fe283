#pragma once

#include <string_view>

namespace forklift::local {

/// Whoever read this program's stdout has gone: there is nobody left to work for, and nobody to
/// tell so. The program ends as the signal would end it (128 + SIGPIPE), without a word.
struct ReaderGone {};

/// Writes all of it to stdout. Throws ReaderGone, and std::system_error for what else goes wrong,
/// which begins with `what`: "cannot write the answer".
void write_to_stdout(std::string_view bytes, const char* what);

}  // namespace forklift::local
