# SPDX-License-Identifier: Apache-2.0
# Two processes run the same seeds; their traces must be the same, byte for byte. SIMULATE: the binary.
foreach(turn one two)
  execute_process(COMMAND ${SIMULATE} --seed 500 --runs 40 --servers 0 --trace OUTPUT_VARIABLE trace_${turn} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "a seed failed:\n${trace_${turn}}")
  endif()
  # The last lines tell how long it took.
  string(REGEX REPLACE "\n[0-9]+ seeds in .*" "" trace_${turn} "${trace_${turn}}")
endforeach()
string(LENGTH "${trace_one}" length)
if(length LESS 100000)
  message(FATAL_ERROR "these traces are too short to prove anything: ${length} bytes")
endif()
if(NOT trace_one STREQUAL trace_two)
  message(FATAL_ERROR "the same seeds have two traces")
endif()
message(STATUS "${length} bytes of trace, twice the same")
