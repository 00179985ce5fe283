#include "process/own_program.h"

#include <sys/auxv.h>

namespace forklift::process {

namespace fs = std::filesystem;

fs::path own_program_as_called() {
    const auto* called = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
    if (!called) return {};
    std::error_code error;
    const auto path = fs::absolute(called, error);
    return error ? fs::path() : path.lexically_normal();
}

fs::path own_program() {
    std::error_code error;
    auto path = fs::read_symlink("/proc/self/exe", error);
    if (!error) return path;
    path = fs::canonical(own_program_as_called(), error);
    return error ? fs::path() : path;
}

}  // namespace forklift::process
