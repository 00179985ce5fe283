// A statically linked program, which Lambda could run: it answers every event with its arguments'
// number.
#include <cstdio>

int main(int argc, char**) {
    std::printf("%d\n", argc);
    return 0;
}
