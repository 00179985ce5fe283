#include "process/spawn_error.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "process/unique_fd.h"

namespace forklift::process {

namespace {

std::string first_bytes(const std::string& path) {
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string bytes(256, '\0');
    const ssize_t count = file ? ::read(file.get(), bytes.data(), bytes.size()) : 0;
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
}

std::string interpreter_of(std::string_view script) {
    script =
        script.substr(2, script.find('\n') == script.npos ? script.npos : script.find('\n') - 2);
    const auto begin = script.find_first_not_of(" \t");
    if (begin == script.npos) return {};
    script.remove_prefix(begin);
    return std::string(script.substr(0, script.find_first_of(" \t")));
}

std::string missing_file_hint(const std::string& path) {
    if (struct stat info; ::stat(path.c_str(), &info) != 0) return {};
    const std::string bytes = first_bytes(path);
    if (!bytes.starts_with("#!"))
        return "; the file is there, but the loader it was linked for is not";
    const std::string interpreter = interpreter_of(bytes);
    if (interpreter.ends_with('\r')) {
        return "; its #! line ends with a carriage return: save the file with Unix line ends";
    }
    return "; the file is there, but its interpreter " + interpreter + " is not";
}

std::string hint(const SpawnError& error, const Command& command) {
    if (error.stage == SpawnStage::limits && error.error == EPERM)
        return "; one of them is above the limit that this process itself is held to";
    if (error.stage != SpawnStage::execute) return {};
    switch (error.error) {
        case ENOENT:
            return missing_file_hint(command.program);
        case ENOEXEC:
            return first_bytes(command.program)
                           .starts_with(
                               "\x7f"
                               "ELF")
                       ? "; it was built for another kind of machine"
                       : "; it is neither a binary nor a script with a #! line";
        case EACCES:
            return "; it needs the execute permission, and its folder must be on a file system "
                   "that allows it";
        case E2BIG:
            return "; its arguments and environment are larger than the kernel takes";
        default:
            return {};
    }
}

std::string step(const SpawnError& error, const Command& command) {
    switch (error.stage) {
        case SpawnStage::streams:
            return "make stdin, stdout and stderr for " + command.program;
        case SpawnStage::directory:
            return "change to the folder " + command.directory;
        case SpawnStage::fork:
            return "start a process for " + command.program;
        case SpawnStage::limits:
            return "set the resource limits of " + command.program;
        case SpawnStage::execute:
            break;
    }
    return "execute " + command.program;
}

}  // namespace

std::string describe(const SpawnError& error, const Command& command) {
    const char* name = ::strerrorname_np(error.error);
    return "could not " + step(error, command) + ": " + ::strerror(error.error) + " (errno " +
           std::to_string(error.error) + (name ? std::string(", ") + name : "") + ")" +
           hint(error, command);
}

}  // namespace forklift::process
