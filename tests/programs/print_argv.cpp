// Prints its arguments as a JSON array, argv[0] first. They need no escapes in the tests.
#include <cstdio>

int main(int argc, char** argv) {
    for (int i = 0; i < argc; ++i) std::printf("%s\"%s\"", i == 0 ? "[" : ",", argv[i]);
    std::puts("]");
}
