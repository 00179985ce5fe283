# `cmake --install`: where everything goes. forklift looks for bootstrap in ../lib/forklift, and bootstrap for the
# shims beside itself, so that folder keeps its name wherever CMAKE_INSTALL_LIBDIR points (Debian's is
# lib/x86_64-linux-gnu, and what stands in lib/forklift is not for other programs to link).
include(GNUInstallDirs)

set(FORKLIFT_STATIC_BOOTSTRAP "" CACHE FILEPATH
  "A bootstrap with everything linked in, installed instead of the one built here")
set(FORKLIFT_STATIC_BOOTSTRAP_ARM64 "" CACHE FILEPATH
  "A bootstrap for arm64, installed beside the one for this machine")
set(FORKLIFT_STATIC_BOOTSTRAP_X86_64 "" CACHE FILEPATH
  "A bootstrap for x86-64, installed beside the one for this machine")

set(FORKLIFT_STATIC_LICENCES "" CACHE FILEPATH
  "The licences of what is linked into these bootstraps, installed with the documentation")

set(forklift_private "lib/forklift")

# forklift_install_bootstrap(FILE FOLDER): a bootstrap that was built elsewhere. A name that is wrong is told now, not
# when a function fails to start.
function(forklift_install_bootstrap file folder)
  if(NOT EXISTS "${file}")
    message(FATAL_ERROR "There is no bootstrap at ${file}; cmake --build --preset static makes one")
  endif()
  install(PROGRAMS "${file}" DESTINATION "${folder}" RENAME bootstrap)
endfunction()

install(TARGETS forklift RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
if(FORKLIFT_STATIC_BOOTSTRAP)
  forklift_install_bootstrap("${FORKLIFT_STATIC_BOOTSTRAP}" "${forklift_private}")
else()
  install(TARGETS bootstrap RUNTIME DESTINATION "${forklift_private}")
endif()
if(FORKLIFT_STATIC_BOOTSTRAP_ARM64)
  forklift_install_bootstrap("${FORKLIFT_STATIC_BOOTSTRAP_ARM64}" "${forklift_private}/arm64")
endif()
if(FORKLIFT_STATIC_BOOTSTRAP_X86_64)
  forklift_install_bootstrap("${FORKLIFT_STATIC_BOOTSTRAP_X86_64}" "${forklift_private}/x86_64")
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/handlers/shims" DESTINATION "${forklift_private}"
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

if(FORKLIFT_STATIC_LICENCES)
  install(FILES "${FORKLIFT_STATIC_LICENCES}" DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME bootstrap-licences.txt)
endif()
install(FILES "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_SOURCE_DIR}/CHANGELOG.md"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs" DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  FILES_MATCHING PATTERN "*.md")
# Scripts keep their execute bits: the examples are run where they stand.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/examples" DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  USE_SOURCE_PERMISSIONS PATTERN "__pycache__" EXCLUDE)
install(FILES "${PROJECT_SOURCE_DIR}/docs/forklift.schema.json"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/forklift")

set(forklift_man "${PROJECT_SOURCE_DIR}/packaging/man")
foreach(page forklift.1 bootstrap.1 forklift.json.5)
  string(REGEX REPLACE ".*\\." "man" section "${page}")
  install(FILES "${forklift_man}/${page}" DESTINATION "${CMAKE_INSTALL_MANDIR}/${section}")
endforeach()

set(forklift_completions "${PROJECT_SOURCE_DIR}/packaging/completions")
install(FILES "${forklift_completions}/forklift.bash" RENAME forklift
  DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
# Where Debian's zsh looks for what packages bring; one from elsewhere looks in site-functions.
set(FORKLIFT_ZSH_COMPLETIONS "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" CACHE STRING
  "The folder for zsh's completions, below the prefix")
install(FILES "${forklift_completions}/_forklift"
  DESTINATION "${FORKLIFT_ZSH_COMPLETIONS}")
install(FILES "${forklift_completions}/forklift.fish"
  DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
