# `cpack -G DEB`: the package forklift for Debian. Its libraries are those that dpkg-shlibdeps finds.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME forklift)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "run any executable as an AWS Lambda function")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "Forklift answers AWS Lambda events with any program: a script, a command
line tool, a worker or a web server. The program forklift plays Lambda's
part on this machine; bootstrap is the custom runtime that Lambda starts.")
# The address that the project's commits have. Whoever gives packages to others puts their own here.
set(FORKLIFT_MAINTAINER "Forklift maintainers <maintainers@users.noreply.b-seed-87642bd5.example>" CACHE STRING
  "Who looks after the Debian package: Name <address>")
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${FORKLIFT_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "awscli, jq")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/packaging/cmake/DebianFiles.cmake")
set(CPACK_FORKLIFT_DEBIAN "${PROJECT_SOURCE_DIR}/packaging/deb")
configure_file("${PROJECT_SOURCE_DIR}/packaging/deb/changelog" "${PROJECT_BINARY_DIR}/debian/changelog" @ONLY)
set(CPACK_FORKLIFT_CHANGELOG "${PROJECT_BINARY_DIR}/debian/changelog")
include(CPack)
