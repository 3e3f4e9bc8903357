// SPDX-License-Identifier: Apache-2.0
// Where logs end now, and what time it is, in a store that several processes write: none of them can tell by
// itself.
#pragma once

#include "events/base/result.hpp"
#include "persistence/records.hpp"

#include <optional>
#include <span>
#include <vector>

namespace sandbase {

/// On a connection of its own. Blocking calls, errors as values; one thread at a time.
class end_reader {
 public:
  virtual ~end_reader() = default;

  /// In the order of `sessions`, empty where there is none: all that was committed before the call, by
  /// whomever. `unavailable`: nobody knows just now.
  virtual result<std::vector<std::optional<written_end>>> find_ends(
      std::span<const session_key> sessions) = 0;
  /// The database's clock, which counts for all processes. `unavailable`.
  virtual result<timestamp> now() = 0;
};

}  // namespace sandbase
