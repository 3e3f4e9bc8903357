# SPDX-License-Identifier: Apache-2.0
# Files that are part of the binary.
#
#   sandbase_embed(TARGET NAME [BASE FOLDER] FILE…)
#
# makes a source of TARGET that holds the bytes of every FILE and defines
#
#   std::span<const sandbase::embedded_file> sandbase::NAME();
#
# (http/wire/embedded_file.hpp), which TARGET declares in a header of its own. The files stand there in the order of the
# call, each under its path from FOLDER, which is the calling folder if none is named; all stand below it. The source is
# made while the project builds, anew when one of them has changed, and is the same wherever that is. Fit for some MB.
include_guard()

if(CMAKE_SCRIPT_MODE_FILE)
  # This file as a script: cmake -DNAME=… -DBASE=… -DOUTPUT=… -P embed.cmake -- FILE…
  set(table "")
  set(arrays "")
  set(count 0)
  math(EXPR last "${CMAKE_ARGC} - 1")
  foreach(index RANGE ${last})
    if(NOT DEFINED first_file)
      if(CMAKE_ARGV${index} STREQUAL "--")
        math(EXPR first_file "${index} + 1")
      endif()
      continue()
    endif()
    set(file "${CMAKE_ARGV${index}}")
    file(RELATIVE_PATH name "${BASE}" "${file}")
    file(SIZE "${file}" size)
    file(READ "${file}" hex HEX)
    # Every byte is an escape, so no digit behind one is taken for a part of it; a line has 32 of them.
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
    string(REPEAT "." 128 line)
    string(REGEX REPLACE "(${line})" "\\1\"\n    \"" escaped "${escaped}")
    string(APPEND arrays "constexpr char bytes_${count}[] =\n    \"${escaped}\";\n\n")
    string(APPEND table "    {R\"name(${name})name\", {bytes_${count}, ${size}}},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY NEWLINE_STYLE UNIX CONTENT [=[
// Made by cmake/embed.cmake.
#include "http/wire/embedded_file.hpp"

#include <span>

// Compilers need not take literals this long, but those that are used here do.
#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace sandbase {

namespace {

@arrays@constexpr embedded_file table[] = {
@table@};

}  // namespace

std::span<const embedded_file> @NAME@() { return table; }

}  // namespace sandbase
]=])
  return()
endif()

function(sandbase_embed target name)
  cmake_parse_arguments(PARSE_ARGV 2 embed "" "BASE" "")
  if(NOT embed_BASE)
    set(embed_BASE .)
  endif()
  cmake_path(ABSOLUTE_PATH embed_BASE NORMALIZE)
  set(files "")
  foreach(file IN LISTS embed_UNPARSED_ARGUMENTS)
    cmake_path(ABSOLUTE_PATH file NORMALIZE)
    list(APPEND files "${file}")
  endforeach()
  set(output "${CMAKE_CURRENT_BINARY_DIR}/embedded/${name}.cpp")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" -DNAME=${name} "-DBASE=${embed_BASE}" "-DOUTPUT=${output}"
            -P "${CMAKE_CURRENT_FUNCTION_LIST_FILE}" -- ${files}
    DEPENDS ${files} "${CMAKE_CURRENT_FUNCTION_LIST_FILE}"
    COMMENT "Embedding ${name}"
    VERBATIM)
  # A library of its own: no other source of TARGET waits for it, and it for nothing that TARGET is linked with.
  add_library(embedded_${name} OBJECT "${output}")
  target_link_libraries(embedded_${name} PRIVATE sandbase_options)
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:embedded_${name}>)
endfunction()
