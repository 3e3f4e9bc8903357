// SPDX-License-Identifier: Apache-2.0
// Reads the fields of a JSON object of a request; the first one that breaks a demand is the error.
#pragma once

#include "events/base/result.hpp"
#include "events/base/timestamp.hpp"
#include "events/json/field_path.hpp"
#include "events/json/json_text.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbase {

/// Every function leaves its target as it is if the field is absent or null (unless it is required), and does
/// nothing after the first error.
class field_reader {
 public:
  /// `path` must outlive this. @pre `object` is part of validated text
  field_reader(const json::value& object, const field_path& path);

  bool good() const { return error_.code == errc::none; }
  const failure& error() const { return error_; }

  /// The member, null included.
  std::optional<json::value> find(std::string_view name) const;
  /// The member if it is there and not null; if it is of another kind than `expected`, that is the error.
  std::optional<json::value> get(std::string_view name, json::kind expected);

  void require(std::string_view name);
  void text(std::string_view name, std::string& to);
  void text(std::string_view name, std::optional<std::string>& to);
  /// An id of something elsewhere: see is_acceptable_reference.
  void reference(std::string_view name, std::string& to);
  void integer(std::string_view name, std::int64_t& to, std::int64_t smallest);
  void time(std::string_view name, std::optional<timestamp>& to);
  /// An object or array, kept as text without white space.
  void raw(std::string_view name, json::kind expected, std::string& to);

  /// Records the error, unless there is one already.
  void blame(std::string_view name, std::string_view what);
  void blame(failure f);

  const field_path& path() const { return path_; }

 private:
  json::value object_;
  const field_path& path_;
  failure error_;
};

/// Bounds of a session's metadata, in pairs and Unicode characters.
inline constexpr std::size_t max_metadata_pairs = 16;
inline constexpr std::size_t max_metadata_key = 64;
inline constexpr std::size_t max_metadata_value = 512;

/// A key with its value; none for a null.
using metadata_patch = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// Reads `metadata`: keys and values within bounds; a null value only where `nulls` are allowed.
/// Does not count the pairs.
metadata_patch read_metadata(field_reader& from, bool nulls);

}  // namespace sandbase
