// SPDX-License-Identifier: Apache-2.0
// The rules on the fields of events, one table for all types: only fields that something here reads are
// checked, every other member is kept as it is.
#pragma once

#include "events/base/result.hpp"
#include "events/event/catalog.hpp"
#include "events/event/event_facts.hpp"
#include "events/json/field_path.hpp"
#include "events/json/json_text.hpp"

#include <cstdint>
#include <string_view>

namespace sandbase {

/// Which rules apply beside those on the kinds of fields.
enum class rule_set : std::uint8_t {
  /// A request: required fields must be there, fields that the service makes must not.
  send,
  /// A log written elsewhere: gaps are accepted.
  import,
};

/// Checks the members of one event as they are met.
class field_checker {
 public:
  /// `event_path` must outlive this.
  field_checker(event_type type, rule_set rules, const field_path& event_path);

  /// One member of the event. A null counts as an absent field. Failures: `invalid` naming the field.
  result<void> take(std::string_view key, const json::value& v);

  /// After the last member: what is missing, and rules between fields.
  result<void> finish(const event_facts& facts) const;

 private:
  event_type type_;
  rule_set rules_;
  const field_path& path_;
  /// Bit i: the i-th field of the type's rows was there.
  std::uint32_t seen_ = 0;
};

/// Whether `id` may name something outside of this service: 1 to max_id_size bytes, no control characters.
bool is_acceptable_reference(std::string_view id);
inline constexpr std::string_view reference_demand =
    "must be a string of 1 to 128 bytes without control characters";
/// What is wrong with `v` as such an id, for a message; empty: nothing. Half of a surrogate pair, `\ufffd` in
/// a json::document, is wrong: what it named nobody can tell any more.
std::string_view fault_of_reference(const json::value& v);

}  // namespace sandbase
