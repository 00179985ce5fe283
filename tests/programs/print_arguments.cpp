// Prints its arguments, each with its length before it, whatever bytes they hold.
#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) std::printf("%zu:%s\n", std::strlen(argv[i]), argv[i]);
}
