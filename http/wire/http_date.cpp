// SPDX-License-Identifier: Apache-2.0
#include "http/wire/http_date.hpp"

#include <fmt/chrono.h>

namespace sandbase {

std::string format_http_date(timestamp t) {
  const std::time_t second = std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(second));
}

std::string_view http_date::line(timestamp now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (line_.empty() || second != made_for_) {
    made_for_ = second;
    line_ = fmt::format("Date: {}\r\n", format_http_date(now));
  }
  return line_;
}

}  // namespace sandbase
