// SPDX-License-Identifier: Apache-2.0
// The marks of a block as the store keeps them: all that is known of its events without their frames. Filters
// read marks and nothing else.
//
// Format 3, all numbers little-endian: version (u8), head (32 bytes), count (u32), then per event the end of
// its frame (u32), type (u16), id size (u8), time (i64 ms), then the proofs of all events (event_proof.hpp).
// A type that the catalog does not list is the code of its name.
#pragma once

#include "events/base/result.hpp"
#include "events/base/timestamp.hpp"
#include "events/event/catalog.hpp"
#include "events/log/event_proof.hpp"
#include "events/log/hash_chain.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase {

/// What is known of an event without reading it.
struct event_mark {
  /// Offset in the block one past the event's frame.
  std::uint32_t end = 0;
  event_type type = event_type::custom;
  std::uint8_t id_size = 0;
  timestamp time{};
};

/// Stands for a name that the catalog does not list: 15 bits of its FNV-1a hash, so different names may share
/// one. At least first_name_code.
std::uint16_t name_code_of(std::string_view type_name);
inline constexpr std::uint16_t first_name_code = 0x8000;

/// A view of encoded marks.
class log_marks {
 public:
  /// `corrupt` if the parts do not fit each other; the proofs are looked at by proofs(). `encoded` must
  /// outlive the view.
  static result<log_marks> parse(std::string_view encoded);

  /// More than 0.
  std::size_t count() const { return count_; }
  /// Hash chain after the last event.
  digest head() const;
  /// `corrupt` if they do not fit the events.
  result<event_proofs> proofs() const;

  // All below: @pre index < count()
  std::uint32_t end(std::size_t index) const;
  std::uint8_t id_size(std::size_t index) const;
  timestamp time(std::size_t index) const;
  /// The number of the type, or at least first_name_code: the code of its name.
  std::uint16_t type_code(std::size_t index) const;

 private:
  log_marks() = default;
  /// From a field of an event's mark on.
  std::string_view at(std::size_t index, std::size_t field) const;

  std::string_view encoded_;
  std::size_t count_ = 0;
};

/// Makes encoded marks.
class log_marks_writer {
 public:
  /// `proofs`, of `count` events, must outlive the writer.
  log_marks_writer(const digest& head, std::size_t count, const event_proofs& proofs);
  /// `type_name`: read for custom types only.
  void add(const event_mark& mark, std::string_view type_name);
  /// @pre add() was called `count` times; once
  std::string take() &&;

 private:
  std::string out_;
  std::string_view proofs_;
};

}  // namespace sandbase
