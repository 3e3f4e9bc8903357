// SPDX-License-Identifier: Apache-2.0
// How the JSON of a stored event is laid out, to the byte:
// `{"id":"…","type":"…",<payload>,"processed_at":"…"}`. No id, type or time has an escape; an event without
// payload has no comma for it. What an event is, its type and its time are found by these marks, without
// parsing what stands between.
#pragma once

#include <optional>
#include <string_view>

namespace sandbase::stored_layout {

inline constexpr std::string_view before_id = R"({"id":")";
inline constexpr std::string_view before_type = R"(","type":")";
inline constexpr std::string_view behind_type = R"(")";
inline constexpr std::string_view before_time = R"(,"processed_at":")";
inline constexpr std::string_view behind_time = R"("})";

/// Views into a stored event, front to back.
struct front {
  std::string_view id;
  std::string_view type_name;
  /// All that stands behind them.
  std::string_view rest;
};
/// Empty if `json` does not begin as a stored event.
std::optional<front> read_front(std::string_view json);

/// The time as it is written; empty if `json` does not end as a stored event.
std::optional<std::string_view> read_time(std::string_view json);

struct parts {
  std::string_view id;
  std::string_view type_name;
  /// Complete members with a comma before each, or empty.
  std::string_view payload;
  std::string_view time;
};
std::optional<parts> read(std::string_view json);

}  // namespace sandbase::stored_layout
