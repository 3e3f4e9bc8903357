// SPDX-License-Identifier: Apache-2.0
// Writes sessions of a store as the lines of an export, beside a running server or without one.
#pragma once

#include "persistence/backend.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// Takes the next bytes: whole lines. Its failure ends the export.
using line_sink = std::function<result<void>(std::string_view lines)>;

/// Blocking; one thread. Holds one slice of a log in memory, however long it is.
class store_export {
 public:
  /// `now`: for the durations of sessions that run.
  store_export(store_admin& store, line_sink sink, timestamp now);

  /// Every session; of one workspace if it is named. One that is deleted meanwhile is left out, or, if a part
  /// of it is written already, ends early and is among cut_short(): no import takes that.
  result<void> all(const std::optional<std::string>& workspace);
  /// One session. `not_found`; `invalid` if several workspaces have one of that id and none is named.
  result<void> one(const std::string& id, const std::optional<std::string>& workspace);

  std::uint64_t sessions() const { return sessions_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t cut_short() const { return cut_short_; }
  /// The first of them.
  const std::vector<std::string>& cut_short_sessions() const { return cut_short_sessions_; }

 private:
  enum class ending : std::uint8_t {
    whole,
    /// Deleted, and nothing of it is written.
    gone,
    /// Deleted while it was written.
    cut_short,
  };
  result<ending> session(const session_row& row, std::string_view workspace);

  store_admin& store_;
  line_sink sink_;
  timestamp now_;
  std::uint64_t sessions_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t cut_short_ = 0;
  std::vector<std::string> cut_short_sessions_;
};

}  // namespace sandbase
