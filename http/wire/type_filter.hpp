// SPDX-License-Identifier: Apache-2.0
// The `types` parameter of lists and streams.
#pragma once

#include "events/log/log_block.hpp"
#include "http/wire/query.hpp"

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace sandbase {

/// Names that one filter may list.
inline constexpr std::size_t max_filter_types = 256;

/// Which events a reader wants to see. By default all.
class type_filter {
 public:
  /// `invalid` for a name that no event can have, and for more than max_filter_types of them.
  static result<type_filter> parse(const query& q);

  /// Whether anything is kept back.
  bool active() const { return active_; }
  /// @pre block->first_seq() <= seq && seq <= block->last_seq()
  bool passes(const log_block& block, seq_t seq) const;

 private:
  /// Lets a view be looked up.
  struct name_hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  bool active_ = false;
  std::array<bool, event_type_count> listed_{};
  std::unordered_set<std::string, name_hash, std::equal_to<>> custom_;
};

}  // namespace sandbase
