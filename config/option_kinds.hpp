// SPDX-License-Identifier: Apache-2.0
// The kinds of values that options have: of each a placeholder for --help, a parser with its bounds, and a
// printer as the config file spells it.
#pragma once

#include "config/option_file.hpp"
#include "config/options.hpp"
#include "config/values.hpp"
#include "events/base/ascii.hpp"
#include "http/wire/origin.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sandbase::option_kinds {

inline result<std::size_t> bounded(result<std::size_t> n, std::size_t min, std::size_t max,
                                   std::string (*format)(std::size_t)) {
  if (n && (*n < min || *n > max))
    return {errc::invalid, fmt::format("must be between {} and {}", format(min), format(max))};
  return n;
}

inline std::string plain(std::size_t n) { return std::to_string(n); }

template <std::size_t Min, std::size_t Max>
struct count {
  using value_type = std::size_t;
  static constexpr std::string_view placeholder = "N";
  static auto parse(std::string_view text) { return bounded(parse_count(text), Min, Max, plain); }
  static std::string show(std::size_t n) { return plain(n); }
};

template <std::size_t Min, std::size_t Max = std::numeric_limits<std::uint32_t>::max() * std::size_t{256}>
struct bytes {
  using value_type = std::size_t;
  static constexpr std::string_view placeholder = "BYTES";
  static auto parse(std::string_view text) { return bounded(parse_size(text), Min, Max, format_size); }
  static std::string show(std::size_t n) { return quoted_for_file(format_size(n)); }
};

// At least a millisecond: 0 would not mean "never" but "at once".
struct time_span {
  using value_type = std::chrono::milliseconds;
  static constexpr std::string_view placeholder = "TIME";
  static constexpr std::chrono::milliseconds longest = std::chrono::hours{24 * 365};
  static result<std::chrono::milliseconds> parse(std::string_view text) {
    auto d = parse_duration(text);
    if (d && (d->count() < 1 || *d > longest))
      return {errc::invalid, "must be between 1ms and " + format_duration(longest)};
    return d;
  }
  static std::string show(std::chrono::milliseconds d) { return quoted_for_file(format_duration(d)); }
};

// 0 is spelled "off".
struct time_span_or_off {
  using value_type = std::chrono::milliseconds;
  static constexpr std::string_view placeholder = "TIME|off";
  static result<std::chrono::milliseconds> parse(std::string_view text) {
    if (text == "off") return std::chrono::milliseconds{0};
    return time_span::parse(text);
  }
  static std::string show(std::chrono::milliseconds d) {
    return d.count() == 0 ? quoted_for_file("off") : time_span::show(d);
  }
};

struct address {
  using value_type = endpoint;
  static constexpr std::string_view placeholder = "ADDRESS:PORT";
  static auto parse(std::string_view text) { return parse_endpoint(text); }
  static std::string show(const endpoint& e) { return quoted_for_file(format_endpoint(e)); }
};

/// A value that need not be there: an empty text.
template <class Parsed, Parsed (*Parse)(std::string_view), class Value, std::string (*Format)(const Value&)>
struct address_or_none {
  using value_type = std::optional<Value>;
  static result<value_type> parse(std::string_view text) {
    if (text.empty()) return value_type{};
    auto value = Parse(text);
    if (!value) return std::move(value).error();
    return value_type{*std::move(value)};
  }
  static std::string show(const value_type& v) { return quoted_for_file(v ? Format(*v) : ""); }
};

struct listen_address_or_none : address_or_none<result<endpoint>, parse_endpoint, endpoint, format_endpoint> {
  static constexpr std::string_view placeholder = "ADDRESS:PORT";
};

struct told_address_or_none
    : address_or_none<result<link_address>, parse_link_address, link_address, format_link_address> {
  static constexpr std::string_view placeholder = "HOST[:PORT]";
};

struct dialed_address {
  using value_type = link_address;
  static constexpr std::string_view placeholder = "HOST:PORT";
  static result<link_address> parse(std::string_view text) {
    auto address = parse_link_address(text);
    if (address && address->port == 0) return {errc::invalid, "must name a port, HOST:PORT"};
    return address;
  }
  static std::string show(const link_address& address) {
    return quoted_for_file(format_link_address(address));
  }
};

/// What stands in certificates and in the table of nodes.
struct short_name {
  using value_type = std::string;
  static constexpr std::string_view placeholder = "NAME";
  static constexpr std::size_t longest = 64;
  static result<std::string> parse(std::string_view text) {
    const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; };
    if (!text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), allowed))
      return std::string{text};
    return {errc::invalid, fmt::format("must be 1 to {} letters, digits, '_', '-' or '.'", longest)};
  }
  static std::string show(const std::string& text) { return quoted_for_file(text); }
};

struct short_name_or_none : short_name {
  static result<std::string> parse(std::string_view text) {
    return text.empty() ? result<std::string>{std::string{}} : short_name::parse(text);
  }
};

struct url {
  using value_type = std::string;
  static constexpr std::string_view placeholder = "URL";
  static result<std::string> parse(std::string_view text) {
    if (auto known = check_store_url(text); !known) return std::move(known).error();
    return std::string{text};
  }
  static std::string show(const std::string& text) { return quoted_for_file(text); }
};

struct file_path {
  using value_type = std::string;
  static constexpr std::string_view placeholder = "FILE";
  static result<std::string> parse(std::string_view text) { return std::string{text}; }
  static std::string show(const std::string& text) { return quoted_for_file(text); }
};

struct origin {
  using value_type = std::string;
  static constexpr std::string_view placeholder = "ORIGIN";
  static auto parse(std::string_view text) { return normalize_origin(text); }
  static std::string show(const std::string& text) { return quoted_for_file(text); }
};

template <class Enum, std::size_t N>
struct choice_base {
  using value_type = Enum;
  using names = std::array<std::string_view, N>;
  static result<Enum> parse_as(std::string_view text, const names& known) {
    const auto at = std::find(known.begin(), known.end(), text);
    if (at != known.end()) return static_cast<Enum>(at - known.begin());
    return {errc::invalid, fmt::format("must be one of {}", fmt::join(known, ", "))};
  }
};

struct level : choice_base<log_level, 6> {
  static constexpr std::string_view placeholder = "LEVEL";
  static constexpr names known{"trace", "debug", "info", "warn", "error", "off"};
  static auto parse(std::string_view text) { return parse_as(text, known); }
  static std::string show(log_level l) { return quoted_for_file(known[static_cast<std::size_t>(l)]); }
};

struct mode : choice_base<stream_mode, 3> {
  static constexpr std::string_view placeholder = "MODE";
  static constexpr names known{"replay", "follow", "live"};
  static auto parse(std::string_view text) { return parse_as(text, known); }
  static std::string show(stream_mode m) { return quoted_for_file(known[static_cast<std::size_t>(m)]); }
};

struct format : choice_base<log_format, 2> {
  static constexpr std::string_view placeholder = "FORMAT";
  static constexpr names known{"text", "json"};
  static auto parse(std::string_view text) { return parse_as(text, known); }
  static std::string show(log_format f) { return quoted_for_file(known[static_cast<std::size_t>(f)]); }
};

/// Of an enum whose values are `off` and `on`, in this order.
template <class T>
struct on_off : choice_base<T, 2> {
  static constexpr std::string_view placeholder = "on|off";
  static constexpr typename choice_base<T, 2>::names known{"off", "on"};
  static auto parse(std::string_view text) { return choice_base<T, 2>::parse_as(text, known); }
  static std::string show(T value) { return quoted_for_file(known[static_cast<std::size_t>(value)]); }
};

}  // namespace sandbase::option_kinds
