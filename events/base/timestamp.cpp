// SPDX-License-Identifier: Apache-2.0
#include "events/base/timestamp.hpp"

#include "events/base/ascii.hpp"
#include "events/base/exact_time.hpp"

namespace sandbase {

namespace {

using namespace std::chrono;

/// Two decimal digits, tens first.
void put_two(char* out, unsigned value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
}

/// Reads a text from its front, piece by piece.
class reader {
 public:
  explicit reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  /// Exactly `count` decimal digits; -1 if they are not there.
  int number(std::size_t count) {
    if (rest_.size() < count) return -1;
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (!is_digit(c)) return -1;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  /// One of the characters of `set`; 0 if none of them is next.
  char any_of(std::string_view set) {
    if (rest_.empty() || set.find(rest_.front()) == std::string_view::npos) return 0;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  /// One or more digits behind a decimal point, as nanoseconds; -1 if there is none.
  int fraction() {
    int value = 0;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      if (count < 9) value = value * 10 + (rest_[count] - '0');
    }
    if (count == 0) return -1;
    for (auto digits = count; digits < 9; ++digits) value *= 10;
    rest_.remove_prefix(count);
    return value;
  }

 private:
  std::string_view rest_;
};

/// `Z`, `+hh:mm` or `-hh:mm`.
std::optional<minutes> read_offset(reader& in) {
  if (in.any_of("Zz") != 0) return minutes{0};
  const char sign = in.any_of("+-");
  const int hour = sign != 0 ? in.number(2) : -1;
  if (hour < 0 || hour > 23 || in.any_of(":") == 0) return std::nullopt;
  const int minute = in.number(2);
  if (minute < 0 || minute > 59) return std::nullopt;
  const minutes offset = hours{hour} + minutes{minute};
  return sign == '-' ? -offset : offset;
}

constexpr timestamp first_instant = sys_days{year{0} / January / 1};

}  // namespace

timestamp system_now() { return floor<milliseconds>(system_clock::now()); }

std::string format_timestamp(timestamp t) {
  const auto day = floor<days>(t);
  const year_month_day date{day};
  const auto in_day = static_cast<unsigned>((t - day).count());
  const auto year_number = static_cast<unsigned>(static_cast<int>(date.year()));
  std::string out = "0000-00-00T00:00:00.000Z";
  put_two(&out[0], year_number / 100 % 100);
  put_two(&out[2], year_number % 100);
  put_two(&out[5], static_cast<unsigned>(date.month()));
  put_two(&out[8], static_cast<unsigned>(date.day()));
  put_two(&out[11], in_day / 3'600'000);
  put_two(&out[14], in_day / 60'000 % 60);
  put_two(&out[17], in_day / 1'000 % 60);
  put_two(&out[20], in_day % 1'000 / 10);
  out[22] = static_cast<char>('0' + in_day % 10);
  return out;
}

std::optional<timestamp> parse_timestamp(std::string_view text) {
  const auto t = parse_exact_time(text);
  return t ? std::optional{t->ms} : std::nullopt;
}

std::optional<exact_time> parse_exact_time(std::string_view text) {
  reader in{text};
  const int year_number = in.number(4);
  if (year_number < 0 || in.any_of("-") == 0) return std::nullopt;
  const int month_number = in.number(2);
  if (month_number < 0 || in.any_of("-") == 0) return std::nullopt;
  const int day_number = in.number(2);
  if (day_number < 0 || in.any_of("Tt") == 0) return std::nullopt;
  const int hour = in.number(2);
  if (hour < 0 || hour > 23 || in.any_of(":") == 0) return std::nullopt;
  const int minute = in.number(2);
  if (minute < 0 || minute > 59 || in.any_of(":") == 0) return std::nullopt;
  const int second = in.number(2);
  if (second < 0 || second > 60) return std::nullopt;
  int nanos = in.any_of(".") != 0 ? in.fraction() : 0;
  if (nanos < 0) return std::nullopt;
  const auto offset = read_offset(in);
  if (!offset || !in.at_end()) return std::nullopt;

  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                            day{static_cast<unsigned>(day_number)}};
  if (!date.ok()) return std::nullopt;
  timestamp t = sys_days{date} + hours{hour} + minutes{minute} + seconds{second} - *offset;
  if (second == 60) {
    // Leap seconds are inserted at the end of a UTC day and nowhere else.
    if (t != floor<days>(t)) return std::nullopt;
    nanos = 0;
  }
  t += milliseconds{nanos / 1'000'000};
  if (t < first_instant || t > last_timestamp) return std::nullopt;
  return exact_time{t, static_cast<std::uint32_t>(nanos % 1'000'000)};
}

}  // namespace sandbase
