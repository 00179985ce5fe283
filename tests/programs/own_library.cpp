// The library of needs_library.
extern "C" int own_library_number() { return 7; }
