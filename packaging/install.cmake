# SPDX-License-Identifier: Apache-2.0
# What an installed service has beside its binary and its pages, made when it is installed: only then it is known where
# to. Given: `program`, the binary as it was built; `sources`; `made`, a folder for what is made.
set(configuration /etc/sandbase-events.toml)
set(state /var/lib/sandbase-events)
set(share ${CMAKE_INSTALL_PREFIX}/share)

# The unit.
set(bin ${CMAKE_INSTALL_PREFIX}/bin)
configure_file(${sources}/packaging/sandbase-events.service.in ${made}/sandbase-events.service @ONLY)
file(INSTALL ${made}/sandbase-events.service DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)

# The example with every default commented out, so that a default that changes with a version changes here too. What it
# sets is where events are kept: the default is for who tries it in a folder.
file(READ ${sources}/config/sandbase-events.example.toml options)
string(REGEX REPLACE "\n([a-z_]+ = )" "\n# \\1" options "${options}")
set(default_store "\n# url = \"sqlite:./data/sandbase.db\"\n")
if(NOT options MATCHES "${default_store}")
  message(FATAL_ERROR "config/sandbase-events.example.toml has no store.url as packaging/install.cmake knows it")
endif()
string(REPLACE "${default_store}" "${default_store}url = \"sqlite:${state}/sandbase.db\"\n" options "${options}")
string(FIND "${options}" "\n" end_of_title)
string(SUBSTRING "${options}" ${end_of_title} -1 options)
string(PREPEND options "# What the service is started with (systemd: sandbase-events.service). Every option stands here with its default,
# commented out; store.url is set.")
file(WRITE ${made}/sandbase-events.toml "${options}")
if("$ENV{DESTDIR}" STREQUAL "" AND EXISTS ${configuration})
  message(STATUS "Kept: ${configuration}")
else()
  file(INSTALL ${made}/sandbase-events.toml DESTINATION /etc)
endif()

# What the program prints of itself, as far as it can: `install_printed(DESTINATION NAME BEGINNING ARGUMENT…)`.
function(install_printed destination name beginning)
  execute_process(COMMAND ${program} ${ARGN} OUTPUT_VARIABLE text ERROR_QUIET RESULT_VARIABLE status)
  if(status EQUAL 0 AND text MATCHES "^${beginning}")
    file(WRITE ${made}/${name} "${text}")
    file(INSTALL ${made}/${name} DESTINATION ${share}/${destination})
  endif()
endfunction()
install_printed(man/man1 sandbase-events.1 "[.']" man)
install_printed(man/man5 sandbase-events.toml.5 "[.']" man 5)
install_printed(bash-completion/completions sandbase-events "" completion bash)
install_printed(zsh/vendor-completions _sandbase-events "#compdef" completion zsh)
install_printed(fish/vendor_completions.d sandbase-events.fish "" completion fish)
