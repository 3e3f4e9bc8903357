// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE values
#include "config/values.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

CAF_TEST(durations have a unit) {
  CAF_CHECK(*parse_duration("500ms") == 500ms);
  CAF_CHECK(*parse_duration("10s") == 10s);
  CAF_CHECK(*parse_duration("5min") == 5min);
  CAF_CHECK(*parse_duration("1h") == 1h);
  CAF_CHECK(*parse_duration("0s") == 0s);
  for (const auto* bad : {"", "10", "s", "-1s", "1.5s", "10 s", "10sec", "5m", "1d", "10s ",
                          "99999999999999999999s", "9223372036854775807h"})
    CAF_CHECK(!parse_duration(bad));
}

CAF_TEST(durations print in the largest unit that divides them) {
  CAF_CHECK_EQUAL(format_duration(500ms), "500ms");
  CAF_CHECK_EQUAL(format_duration(90s), "90s");
  CAF_CHECK_EQUAL(format_duration(5min), "5min");
  CAF_CHECK_EQUAL(format_duration(48h), "48h");
  CAF_CHECK_EQUAL(format_duration(0ms), "0ms");
}

CAF_TEST(sizes are bytes or have a binary unit) {
  const auto size_of = [](std::string_view text) { return *parse_size(text); };
  CAF_CHECK_EQUAL(size_of("0"), 0u);
  CAF_CHECK_EQUAL(size_of("65536"), 65536u);
  CAF_CHECK_EQUAL(size_of("64KiB"), 65536u);
  CAF_CHECK_EQUAL(size_of("8MiB"), 8388608u);
  CAF_CHECK_EQUAL(size_of("2GiB"), 2147483648u);
  for (const auto* bad :
       {"", "MiB", "8MB", "8mib", "8 MiB", "-1", "+1", "1e3", "0x10", "9223372036854775807KiB"})
    CAF_CHECK(!parse_size(bad));
}

CAF_TEST(sizes print in the largest unit that divides them) {
  CAF_CHECK_EQUAL(format_size(8388608), "8MiB");
  CAF_CHECK_EQUAL(format_size(1025), "1025");
  CAF_CHECK_EQUAL(format_size(0), "0");
}
