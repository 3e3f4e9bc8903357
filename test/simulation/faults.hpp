// SPDX-License-Identifier: Apache-2.0
// What may go wrong in a run and how often: drawn from the seed, so that some runs are calm, some have one
// kind of trouble and some have all of them at once.
#pragma once

#include "test/simulation/random.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sandbase::sim {

enum class fault : std::uint8_t {
  /// The disk is full: nothing is written, the service goes on.
  commit_refused,
  /// The disk fails before anything is written: the process ends.
  commit_lost,
  /// Written, then the process ends before anybody is told.
  commit_silenced,
  /// Seconds pass in the commit.
  commit_slow,
  /// A reader's call fails.
  read_failed,
  /// One operation of the simulated disk fails.
  disk_failed,
  /// Kill -9 between two steps.
  death,
  /// SIGTERM, then a new start.
  orderly_restart,
  /// A death after which the disk has only what was synced.
  power_cut,
  /// The wall clock is set back.
  clock_back,
  /// One actor gets no turn for a while.
  actor_starved,
  /// Memory ends in a call of the store: the essential actor that made it throws, the process ends.
  actor_thrown,
  /// A client closes in the middle of something.
  client_drop,
  /// A client takes nothing for a while.
  client_stall,
  key_revoked,
  session_deleted,
  session_archived,
  event_redacted,
  // Of a database that several servers share.
  /// A commit stays under way: it is stored later, or never.
  commit_late,
  /// A call is carried out, but its server does not hear of it.
  answer_lost,
  /// A call does not reach the database.
  call_refused,
  /// A server is cut from the database for a while.
  link_cut,
  /// A standby takes over that lacks the last commits.
  failover,
  // Of links between these servers.
  /// A frame comes late, and with it all behind it.
  frame_late,
  /// All frames of a link do for a while.
  wire_slow,
  /// Nothing comes through, one way or both, until it does again or the link is given up.
  wire_silent,
  /// A link ends, and both ends know.
  wire_cut,
  /// A server is not reached.
  dial_failed,
};
inline constexpr std::size_t fault_kinds = 28;
std::string_view name_of(fault f);

/// How often each happens, of 100,000 chances. What a chance is (a step,
/// a commit, a call) depends on the kind.
struct fault_rates {
  std::array<std::uint32_t, fault_kinds> rate{};

  std::uint32_t of(fault f) const { return rate[static_cast<std::size_t>(f)]; }
  /// Whether the store or the process may fail at all: if not, no answer may be a 5xx.
  bool harmless() const;
};
/// `shares`: several servers with one database, without a disk of their own. `linked`: with links between
/// them.
fault_rates draw_faults(random_source& random, bool shares, bool linked);

struct fault_counts {
  std::array<std::uint64_t, fault_kinds> count{};
  void add(fault f) { ++count[static_cast<std::size_t>(f)]; }
  void add(const fault_counts& other) {
    for (std::size_t i = 0; i < fault_kinds; ++i) count[i] += other.count[i];
  }
};

}  // namespace sandbase::sim
