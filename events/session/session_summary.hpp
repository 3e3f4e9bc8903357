// SPDX-License-Identifier: Apache-2.0
// What whoever watches all sessions of a workspace is shown of one: enough for a line in a list and for the
// filters of List Sessions, and no payload.
#pragma once

#include "events/session/session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sandbase {

struct session_summary {
  std::string id;
  session_status status = session_status::idle;
  std::optional<std::string> title;
  std::string agent_id;
  std::int64_t agent_version = 1;
  std::optional<std::string> deployment_id;
  /// Ids of its resources that are memory stores: for filters only.
  std::vector<std::string> memory_stores;
  timestamp created_at{};
  timestamp updated_at{};
  std::optional<timestamp> archived_at;
  /// The oldest max_pending_shown.
  std::vector<pending_tool_use> pending;
  seq_t last_seq = 0;
  /// Empty for an empty log.
  std::string last_id;
  digest head{};

  bool operator==(const session_summary&) const = default;
};

session_summary summarize(const session_header& header);
/// The same of one whose progress is not put together.
session_summary summarize(const session_definition& definition, session_status status, const log_tip& tip,
                          const std::vector<pending_tool_use>& pending);

/// `{"type":"session.summary","session":{…}}`
std::string render_summary(const session_summary& s);
/// `{"type":"session.deleted","id":"…"}`
std::string render_deletion(const std::string& id);

}  // namespace sandbase
