// SPDX-License-Identifier: Apache-2.0
// What the actors of a node tell of themselves, for the status page.
#pragma once

#include "actors/actors.hpp"
#include "actors/diagnostics/call_watch.hpp"
#include "persistence/records.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

struct describe_actor {};
/// What an actor is at, and how much of what it holds: times in ms, sizes in bytes.
struct actor_status {
  struct count {
    /// A literal.
    std::string_view name;
    std::int64_t value = 0;
  };
  /// A literal.
  std::string_view phase;
  std::vector<count> counts;

  /// 0 if there is none of that name.
  std::int64_t of(std::string_view name) const {
    for (const auto& c : counts)
      if (c.name == name) return c.value;
    return 0;
  }
};

struct list_active {
  /// Only sessions with this id, of any workspace; empty: all.
  std::string id;
  std::size_t max = 0;
  /// So many of the largest by each of events, unsealed bytes and followers are among them, whoever was used
  /// when.
  std::size_t largest = 0;
};
/// Those that are asked to go, the largest, then the most recently used.
struct active_sessions {
  struct one {
    workspace_key workspace = 0;
    std::string id;
    described_actor session;
  };
  std::vector<one> sessions;
  /// Also those that are not listed.
  std::size_t total = 0;
};

struct show_part {
  std::string name;
  described_actor part;
  /// Tells for how long it has been in a call that blocks, even while it cannot; null: none does.
  std::shared_ptr<const call_watch> calls{};
};
struct collect_status {
  /// Only what concerns the sessions with this id; empty: all.
  std::string session;
};
struct collected_status {
  /// Members of a JSON object, without its braces.
  std::string json;
};

}  // namespace sandbase
