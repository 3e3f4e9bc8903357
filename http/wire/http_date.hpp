// SPDX-License-Identifier: Apache-2.0
// The `Date` of answers (RFC 9110, sections 5.6.7 and 6.6.1).
#pragma once

#include "events/base/timestamp.hpp"

#include <string>
#include <string_view>

namespace sandbase {

/// `Tue, 15 Nov 1994 08:12:31 GMT`: always in GMT, a fraction of a second is dropped. Years 0000 to 9999.
std::string format_http_date(timestamp t);

/// The header line for "now", made once a second. One thread at a time.
class http_date {
 public:
  /// `Date: …` with its CRLF, good until the next call.
  std::string_view line(timestamp now);

 private:
  std::chrono::sys_seconds made_for_{};
  std::string line_;
};

}  // namespace sandbase
