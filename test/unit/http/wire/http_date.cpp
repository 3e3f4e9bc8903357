// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE http_date
#include "http/wire/http_date.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

// Checked with date(1): `date -u -d TIME '+%a, %d %b %Y %T GMT'`.
std::string shown(std::string_view time) { return format_http_date(*parse_timestamp(time)); }

}  // namespace

CAF_TEST(a date is in the one form that http has) {
  CAF_CHECK_EQUAL(shown("1994-11-15T08:12:31Z"), "Tue, 15 Nov 1994 08:12:31 GMT");
  CAF_CHECK_EQUAL(shown("1970-01-01T00:00:00Z"), "Thu, 01 Jan 1970 00:00:00 GMT");
  CAF_CHECK_EQUAL(shown("2024-02-29T23:59:59.999Z"), "Thu, 29 Feb 2024 23:59:59 GMT");
  CAF_CHECK_EQUAL(shown("2026-12-31T23:00:00-02:00"), "Fri, 01 Jan 2027 01:00:00 GMT");
  CAF_CHECK_EQUAL(shown("1969-12-31T23:59:59.500Z"), "Wed, 31 Dec 1969 23:59:59 GMT");
}

CAF_TEST(a line is made once a second) {
  const auto noon = *parse_timestamp("2026-05-29T12:00:00Z");
  http_date date;
  const auto first = date.line(noon);
  CAF_CHECK_EQUAL(std::string{first}, "Date: Fri, 29 May 2026 12:00:00 GMT\r\n");
  CAF_CHECK(date.line(noon + 999ms).data() == first.data());
  CAF_CHECK_EQUAL(std::string{date.line(noon + 999ms)}, "Date: Fri, 29 May 2026 12:00:00 GMT\r\n");
  CAF_CHECK_EQUAL(std::string{date.line(noon + 1s)}, "Date: Fri, 29 May 2026 12:00:01 GMT\r\n");
  CAF_CHECK_EQUAL(std::string{date.line(noon)},
                  "Date: Fri, 29 May 2026 12:00:00 GMT\r\n");  // a clock set back
}

CAF_TEST(the first line of the epoch is made too) {
  http_date date;
  CAF_CHECK_EQUAL(std::string{date.line(timestamp{})}, "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
}
