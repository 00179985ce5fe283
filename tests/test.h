#pragma once

/// The test framework, wherever the version at hand keeps it: Catch2 3 or Catch2 2.13.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <string>

#include "tests/support/contains.h"
