# Run by cpack when the files stand in their folder: what Debian's policy asks of a package beyond an install.
set(root "${CPACK_TEMPORARY_DIRECTORY}/usr/share")
file(COPY "${CPACK_FORKLIFT_DEBIAN}/copyright" DESTINATION "${root}/doc/forklift")
file(COPY "${CPACK_FORKLIFT_DEBIAN}/lintian-overrides" DESTINATION "${root}/lintian/overrides")
file(RENAME "${root}/lintian/overrides/lintian-overrides" "${root}/lintian/overrides/forklift")
file(COPY "${CPACK_FORKLIFT_CHANGELOG}" DESTINATION "${root}/doc/forklift")
file(GLOB pages "${root}/man/man*/*.[15]")
execute_process(COMMAND gzip -9n ${pages} "${root}/doc/forklift/changelog" COMMAND_ERROR_IS_FATAL ANY)
# What the work tree's files and the user's umask allow is no matter of the package.
execute_process(COMMAND chmod -R u=rwX,go=rX "${CPACK_TEMPORARY_DIRECTORY}" COMMAND_ERROR_IS_FATAL ANY)
