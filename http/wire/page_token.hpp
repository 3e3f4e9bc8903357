// SPDX-License-Identifier: Apache-2.0
// The opaque `page` values of lists. Everything in them is checked again when they come back.
#pragma once

#include "events/base/timestamp.hpp"
#include "events/ids/event_id.hpp"
#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// Where a list of events goes on: behind (ascending) or before
/// (descending) the event with this place and id.
struct event_page {
  bool ascending = true;
  seq_t seq = 0;
  /// Descending: the list ends above this place.
  seq_t low = 0;
  std::string id;
  bool operator==(const event_page&) const = default;

  std::string encode() const;
  static std::optional<event_page> decode(std::string_view token);
};

/// Where a list of sessions goes on: behind this session, or before it (`previous`).
struct session_list_page {
  /// Order of the list.
  bool ascending = false;
  bool previous = false;
  session_place at;
  bool operator==(const session_list_page&) const = default;

  /// Sealed for the workspace: a key counts the sessions of all of them.
  std::string encode(std::string_view secret, workspace_key workspace) const;
  static std::optional<session_list_page> decode(std::string_view token, std::string_view secret,
                                                 workspace_key workspace);
};

}  // namespace sandbase
