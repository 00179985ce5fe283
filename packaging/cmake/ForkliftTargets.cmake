# What every target of the project shares: warnings, sanitizers, LTO and the definitions of our libraries.

add_library(forklift_flags INTERFACE)
target_compile_options(forklift_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual>
  # GCC 12 takes Asio's coroutine frames for mismatched allocations.
  $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-mismatched-new-delete>
  $<$<COMPILE_LANGUAGE:C>:-Wall -Wextra>)
if(FORKLIFT_WERROR)
  target_compile_options(forklift_flags INTERFACE -Werror)
endif()
if(FORKLIFT_SANITIZE)
  # GCC 12 loses track of std::variant and std::optional in instrumented code.
  target_compile_options(forklift_flags INTERFACE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
  target_compile_options(forklift_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
    # This check opens a pipe to look at memory, and fails where descriptors have run out.
    -fno-sanitize=vptr)
  target_link_options(forklift_flags INTERFACE -fsanitize=address,undefined)
endif()
target_compile_definitions(forklift_flags INTERFACE
  # Boost.Filesystem would be one more library to ship; the standard one serves.
  BOOST_PROCESS_USE_STD_FS BOOST_PROCESS_V2_USE_STD_FS BOOST_ASIO_NO_DEPRECATED)
target_include_directories(forklift_flags INTERFACE "${PROJECT_SOURCE_DIR}")
target_link_libraries(forklift_flags INTERFACE Threads::Threads)

if(FORKLIFT_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT forklift_lto_works OUTPUT forklift_lto_reason LANGUAGES CXX)
  if(forklift_lto_works)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  else()
    message(STATUS "No LTO: ${forklift_lto_reason}")
  endif()
endif()

# forklift_floor(NAME SOURCES ... BELOW ...): the library of one folder, and the libraries below it.
function(forklift_floor name)
  cmake_parse_arguments(PARSE_ARGV 1 floor "" "" "SOURCES;BELOW")
  add_library(${name} STATIC ${floor_SOURCES})
  target_link_libraries(${name} PUBLIC forklift_flags ${floor_BELOW})
endfunction()
