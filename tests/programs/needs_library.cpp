// Needs a shared library of its own.
#include <cstdio>

extern "C" int own_library_number();

int main() {
    std::printf("%d\n", own_library_number());
    return 0;
}
