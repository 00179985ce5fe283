// Writes so many bytes (first argument) to stderr, in lines of so many (second argument), then
// answers.
#include <cstdio>
#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
    const long total = argc > 1 ? std::atol(argv[1]) : 1024;
    const auto length = static_cast<std::size_t>(argc > 2 ? std::atol(argv[2]) : 80);
    const std::string line = std::string(length - 1, 'e') + "\n";
    for (long written = 0; written < total; written += static_cast<long>(length))
        if (std::fwrite(line.data(), 1, line.size(), stderr) != line.size()) return 3;
    std::puts("\"flooded\"");
}
