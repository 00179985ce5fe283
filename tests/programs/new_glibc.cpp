// Needs a symbol that came with glibc 2.36, two years after what Lambda's image has.
#include <cstdio>
#include <cstdlib>

int main() {
    std::printf("%u\n", arc4random_uniform(2));
    return 0;
}
