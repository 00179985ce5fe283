# With FORKLIFT_STATIC everything is linked into the programs. Where the libraries come from:
# - FORKLIFT_STATIC_SOURCES names a folder with their sources (curl, c-ares, simdjson, zlib, libzip). They
#   are built now, below the build folder, so that find_package meets them as it would any others. With
#   FORKLIFT_STATIC_FETCH the sources are first brought there from Debian: packaging/static/sources.
# - Without it, find_package looks for static libraries as it always does, CMAKE_PREFIX_PATH first.
option(FORKLIFT_STATIC "Link everything into the programs" OFF)
set(FORKLIFT_STATIC_SOURCES "" CACHE PATH "Folder with the sources of the libraries for a static build")
option(FORKLIFT_STATIC_FETCH "Bring these sources from Debian's source packages first" OFF)
option(FORKLIFT_STATIC_NEWER_REVISION "Take Debian's newer revision where the locked one is gone" OFF)
if(NOT FORKLIFT_STATIC)
  return()
endif()

function(forklift_run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${what} failed; what went wrong stands above")
  endif()
endfunction()

function(forklift_fetch_sources)
  set(script "${PROJECT_SOURCE_DIR}/packaging/static/sources")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${script}" "${script}.lock")
  set(option "")
  if(FORKLIFT_STATIC_NEWER_REVISION)
    set(option --newer-revision)
  endif()
  forklift_run("Fetching the sources of the libraries" "${script}" fetch "${FORKLIFT_STATIC_SOURCES}" ${option})
endfunction()

# Builds the libraries and installs them below `prefix`. Nothing is done for those that are up to date.
function(forklift_build_libraries prefix)
  set(flags "-ffunction-sections -fdata-sections")
  # Set by ForkliftTargets.cmake: a compiler without a linker or an archiver for it would make objects that nobody reads.
  if(forklift_lto_works)
    list(JOIN CMAKE_CXX_COMPILE_OPTIONS_IPO " " lto)
    string(APPEND flags " ${lto}")
  endif()
  set(archiver "${CMAKE_CXX_COMPILER_AR}")
  set(ranlib "${CMAKE_CXX_COMPILER_RANLIB}")
  if(NOT archiver OR NOT ranlib)
    set(archiver "${CMAKE_AR}")
    set(ranlib "${CMAKE_RANLIB}")
  endif()
  set(arguments "-DSOURCES=${FORKLIFT_STATIC_SOURCES}" "-DPREFIX=${prefix}" "-DLIBRARY_FLAGS=${flags}"
    # The compiler's own where it has them, for they read the objects of link-time optimisation.
    "-DCMAKE_AR=${archiver}" "-DCMAKE_RANLIB=${ranlib}")
  foreach(variable CMAKE_TOOLCHAIN_FILE CMAKE_C_COMPILER CMAKE_CXX_COMPILER
                   CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER)
    if(${variable})
      list(APPEND arguments "-D${variable}=${${variable}}")
    endif()
  endforeach()
  set(folder "${CMAKE_BINARY_DIR}/libraries")
  cmake_host_system_information(RESULT processors QUERY NUMBER_OF_LOGICAL_CORES)
  forklift_run("Configuring the libraries" "${CMAKE_COMMAND}" -G "${CMAKE_GENERATOR}"
    -S "${PROJECT_SOURCE_DIR}/packaging/static/libraries" -B "${folder}" ${arguments})
  message(STATUS "Building the libraries in ${folder}")
  forklift_run("Building the libraries" "${CMAKE_COMMAND}" --build "${folder}" --parallel ${processors})
  # What was built, for packaging/release/sbom: the sources may be others by then.
  file(REMOVE_RECURSE "${folder}/built")
  file(GLOB stamps "${FORKLIFT_STATIC_SOURCES}/*.stamp")
  file(COPY ${stamps} DESTINATION "${folder}/built")
  file(WRITE "${folder}/built/compiler" "${CMAKE_CXX_COMPILER}\n")
  file(WRITE "${folder}/built/sources" "${FORKLIFT_STATIC_SOURCES}\n")
endfunction()

set(CMAKE_FIND_LIBRARY_SUFFIXES ".a")
if(FORKLIFT_STATIC_SOURCES)
  if(FORKLIFT_STATIC_FETCH)
    forklift_fetch_sources()
  endif()
  foreach(library curl c-ares simdjson zlib libzip)
    if(NOT EXISTS "${FORKLIFT_STATIC_SOURCES}/${library}/CMakeLists.txt")
      message(FATAL_ERROR "FORKLIFT_STATIC_SOURCES is ${FORKLIFT_STATIC_SOURCES}, where the sources of "
        "${library} should be in the folder ${library}; docs/static.md says which are needed")
    endif()
  endforeach()
  set(libraries "${CMAKE_BINARY_DIR}/libraries/installed")
  forklift_build_libraries("${libraries}")
  list(PREPEND CMAKE_PREFIX_PATH "${libraries}")
endif()
# libzip's own CMake files take it for found.
find_package(ZLIB)

# Only what is used goes into the programs, and no symbol of it.
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-static -Wl,--gc-sections -Wl,-s)
