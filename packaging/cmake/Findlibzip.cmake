# libzip as the target libzip::zip. The configuration that libzip brings itself will not do: on Debian it
# insists on libzip's command line tools, which are packages of their own, and a static library's does
# not look for zlib.
include(FindPackageHandleStandardArgs)

find_path(LIBZIP_INCLUDE_DIR zip.h)
find_library(LIBZIP_LIBRARY zip)
if(LIBZIP_INCLUDE_DIR)
  file(STRINGS "${LIBZIP_INCLUDE_DIR}/zipconf.h" version REGEX "define LIBZIP_VERSION \"")
  string(REGEX MATCH "[0-9.]+" libzip_VERSION "${version}")
endif()
find_package_handle_standard_args(libzip
  REQUIRED_VARS LIBZIP_LIBRARY LIBZIP_INCLUDE_DIR VERSION_VAR libzip_VERSION)
mark_as_advanced(LIBZIP_INCLUDE_DIR LIBZIP_LIBRARY)

if(libzip_FOUND AND NOT TARGET libzip::zip)
  add_library(libzip::zip UNKNOWN IMPORTED GLOBAL)
  set_target_properties(libzip::zip PROPERTIES
    IMPORTED_LOCATION "${LIBZIP_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LIBZIP_INCLUDE_DIR}")
  if(LIBZIP_LIBRARY MATCHES "\\.a$")
    find_package(ZLIB REQUIRED)
    set_target_properties(libzip::zip PROPERTIES INTERFACE_LINK_LIBRARIES "${ZLIB_LIBRARIES}")
  endif()
endif()
