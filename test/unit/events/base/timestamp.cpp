// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE timestamp
#include "events/base/timestamp.hpp"

#include "test/unit/support/test.hpp"

#include <string>

namespace {

using namespace sandbase;

CAF_TEST(every form of RFC 3339 reads as the same instant) {
  struct row {
    std::string_view text;
    std::string formatted;
  };
  const row rows[] = {
      {"2026-05-29T10:00:03.120Z", "2026-05-29T10:00:03.120Z"},
      {"2026-05-29t10:00:03.12z", "2026-05-29T10:00:03.120Z"},
      {"2026-05-29T10:00:03Z", "2026-05-29T10:00:03.000Z"},
      {"2026-05-29T10:00:03.1209999999999999999999Z", "2026-05-29T10:00:03.120Z"},
      {"2026-05-29T10:00:03.0Z", "2026-05-29T10:00:03.000Z"},
      {"2026-05-29T12:30:03.120+02:30", "2026-05-29T10:00:03.120Z"},
      {"2026-05-28T22:00:03.120-12:00", "2026-05-29T10:00:03.120Z"},
      {"2026-05-29T10:00:03.120-00:00", "2026-05-29T10:00:03.120Z"},
      {"1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"},
      {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
      {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"},
      {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
      {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
      {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
      {"2016-12-31T23:59:60.750Z", "2017-01-01T00:00:00.000Z"},
      {"2016-12-31T15:59:60-08:00", "2017-01-01T00:00:00.000Z"},
  };
  for (const auto& [text, formatted] : rows) {
    CAF_MESSAGE(std::string{text});
    const auto t = parse_timestamp(text);
    CAF_REQUIRE(t.has_value());
    CAF_CHECK_EQUAL(format_timestamp(*t), formatted);
  }
}

CAF_TEST(anything else is refused) {
  const std::string_view rows[] = {
      "",
      "2026",
      "2026-05-29",
      "2026-05-29T10:00:03",
      "2026-05-29T10:00Z",
      "2026-05-29 10:00:03Z",
      "2026-5-29T10:00:03Z",
      "20260529T100003Z",
      "2026-05-29T10:00:03.Z",
      "2026-05-29T10:00:03,120Z",
      "2026-05-29T10:00:03.120Z ",
      " 2026-05-29T10:00:03.120Z",
      "2026-05-29T10:00:03+0200",
      "2026-05-29T10:00:03+02",
      "2026-05-29T10:00:03+24:00",
      "2026-05-29T10:00:03+02:60",
      "2026-05-29T10:00:03Zx",
      "2026-00-29T10:00:03Z",
      "2026-13-29T10:00:03Z",
      "2026-02-29T10:00:03Z",
      "1900-02-29T10:00:03Z",
      "2026-04-31T10:00:03Z",
      "2026-05-00T10:00:03Z",
      "2026-05-29T24:00:00Z",
      "2026-05-29T10:60:00Z",
      "2026-05-29T10:00:61Z",
      "2026-05-29T10:00:60Z",
      "-026-05-29T10:00:03Z",
      "+2026-05-29T10:00:03Z",
      "0000-01-01T00:00:00+00:01",
      "9999-12-31T23:59:59-00:01",
      "9999-12-31T23:59:60Z",
      std::string_view{"2026-05-29T10:00:03Z\0", 21},
  };
  for (const auto text : rows) {
    CAF_MESSAGE(std::string{text});
    CAF_CHECK(!parse_timestamp(text));
  }
}

CAF_TEST(formatting and reading are inverse) {
  // Steps of a prime number of milliseconds over the whole range meet every field at many values.
  const auto first = parse_timestamp("0000-01-01T00:00:00Z");
  const auto last = parse_timestamp("9999-12-31T23:59:59.999Z");
  CAF_REQUIRE(first && last);
  int checked = 0;
  for (auto t = *first; t <= *last; t += std::chrono::milliseconds{31'557'600'011'003}) {
    CAF_CHECK(parse_timestamp(format_timestamp(t)) == t);
    ++checked;
  }
  CAF_CHECK_EQUAL(checked, 10);
  for (auto t = *first; t <= *last; t += std::chrono::milliseconds{104'395'301'003}) {
    if (parse_timestamp(format_timestamp(t)) != t) CAF_FAIL(format_timestamp(t));
  }
}

}  // namespace
