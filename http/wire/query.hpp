// SPDX-License-Identifier: Apache-2.0
// The query of a request's target: percent-decoded names and values, repeated and bracketed names.
#pragma once

#include "events/base/result.hpp"
#include "events/log/time_range.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbase {

/// Failures of everything here are `invalid` and name the parameter.
class query {
 public:
  query() = default;
  /// `raw`: what stands behind '?'. '+' is a space. A broken escape or invalid UTF-8 is a failure.
  static result<query> parse(std::string_view raw);

  /// The one value of a parameter; empty if it was not given. Given more
  /// than once it must be the same each time.
  result<std::optional<std::string>> single(std::string_view name) const;
  /// The same, but an empty value is as if it were not there.
  result<std::optional<std::string>> filled(std::string_view name) const;
  /// Every value of `name` and `name[]`, in order.
  std::vector<std::string> all(std::string_view name) const;
  /// The same, with comma-separated values taken apart; empty ones are left out.
  std::vector<std::string> list(std::string_view name) const;
  /// A whole number in [low, high]; `otherwise` if it was not given.
  result<std::uint64_t> number(std::string_view name, std::uint64_t low, std::uint64_t high,
                               std::uint64_t otherwise) const;
  /// `true` or `false`; `otherwise` if it was not given.
  result<bool> flag(std::string_view name, bool otherwise) const;
  /// `name[op]` or `name_op`, a point in time.
  result<std::optional<exact_time>> time(std::string_view name, std::string_view op) const;
  /// All four of `name[gt]`, `[gte]`, `[lt]`, `[lte]`.
  result<time_range> times(std::string_view name) const;
  /// `order`: whether `asc`.
  result<bool> ascending(bool otherwise) const;
  bool has(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace sandbase
