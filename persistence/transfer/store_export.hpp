// SPDX-License-Identifier: Apache-2.0
// Writes sessions of a store as the lines of an export, beside a running server or without one.
#pragma once

#include "persistence/backend.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// Takes the next bytes: whole lines. Its failure ends the export.
using line_sink = std::function<result<void>(std::string_view lines)>;

/// Blocking; one thread. Holds one slice of a log in memory, however long it is.
class store_export {
 public:
  /// `now`: for the durations of sessions that run.
  store_export(store_admin& store, line_sink sink, timestamp now);

  /// Every session; of one workspace if it is named.
  result<void> all(const std::optional<std::string>& workspace);
  /// One session. `not_found`; `invalid` if several workspaces have one of that id and none is named.
  result<void> one(const std::string& id, const std::optional<std::string>& workspace);

  std::uint64_t sessions() const { return sessions_; }
  std::uint64_t events() const { return events_; }

 private:
  result<void> session(const session_row& row, std::string_view workspace);

  store_admin& store_;
  line_sink sink_;
  timestamp now_;
  std::uint64_t sessions_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace sandbase
