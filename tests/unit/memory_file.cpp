#include "process/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "tests/test.h"

using forklift::process::make_memory_file;

namespace {

std::string read_all(int fd) {
    std::string text;
    char bytes[4096];
    for (ssize_t count; (count = ::read(fd, bytes, sizeof bytes)) > 0;)
        text.append(bytes, static_cast<std::size_t>(count));
    return text;
}

}  // namespace

TEST_CASE("a memory file is read from its beginning") {
    const std::string bytes = std::string("a\0b\xff", 4) + std::string(6 * 1024 * 1024, 'x');
    std::error_code error;
    const auto file = make_memory_file(bytes, error);
    REQUIRE_FALSE(error);
    CHECK(read_all(file.get()) == bytes);
}

TEST_CASE("an empty memory file is at its end") {
    std::error_code error;
    const auto file = make_memory_file("", error);
    REQUIRE_FALSE(error);
    CHECK(read_all(file.get()).empty());
}

TEST_CASE("nobody can change a memory file") {
    std::error_code error;
    const auto file = make_memory_file("event", error);
    REQUIRE_FALSE(error);
    CHECK(::write(file.get(), "x", 1) == -1);
    CHECK(errno == EPERM);
    CHECK(::ftruncate(file.get(), 0) == -1);
    CHECK(::ftruncate(file.get(), 100) == -1);
    CHECK(::mmap(nullptr, 5, PROT_WRITE, MAP_SHARED, file.get(), 0) == MAP_FAILED);
    CHECK(::fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW) == -1);
    CHECK(read_all(file.get()) == "event");
}

TEST_CASE("a memory file closes on exec") {
    std::error_code error;
    const auto file = make_memory_file("event", error);
    CHECK((::fcntl(file.get(), F_GETFD) & FD_CLOEXEC) != 0);
}
