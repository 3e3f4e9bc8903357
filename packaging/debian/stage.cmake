# SPDX-License-Identifier: Apache-2.0
# CPack's last step before it packs what was installed into a folder: what only a Debian package has, and nothing that
# tells when or where it was built.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(documents ${root}/usr/share/doc/sandbase-events)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # SOURCE_DATE_EPOCH if it is set
file(WRITE ${documents}/changelog "sandbase-events (${CPACK_PACKAGE_VERSION}) stable; urgency=medium

  * What is new stands in CHANGELOG.md beside this file.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
configure_file(${CMAKE_CURRENT_LIST_DIR}/lintian-overrides ${root}/usr/share/lintian/overrides/sandbase-events COPYONLY)
file(GLOB pages ${root}/usr/share/man/man*/*)
execute_process(COMMAND gzip --best --no-name ${documents}/changelog ${pages} COMMAND_ERROR_IS_FATAL ANY)
file(CHMOD_RECURSE ${root}
     FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
     DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
file(CHMOD ${root}/usr/bin/sandbase-events
     PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND find ${root} -exec touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} {} +
                  COMMAND_ERROR_IS_FATAL ANY)
endif()
