// SPDX-License-Identifier: Apache-2.0
#include "http/wire/http_date.hpp"

#include <array>
#include <cstdio>

namespace sandbase {

std::string format_http_date(timestamp t) {
  using namespace std::chrono;
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<std::chrono::days>(t);
  const year_month_day date{day};
  const hh_mm_ss time{floor<seconds>(t - day)};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                days[weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

std::string_view http_date::line(timestamp now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (line_.empty() || second != made_for_) {
    made_for_ = second;
    line_ = "Date: " + format_http_date(now) + "\r\n";
  }
  return line_;
}

}  // namespace sandbase
