// SPDX-License-Identifier: Apache-2.0
// Which processes are there beside this one, in a store that several processes write, and where they can be
// reached.
#pragma once

#include "events/base/result.hpp"
#include "persistence/records.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace sandbase {

/// What a process tells the others of itself.
struct announcement {
  std::string name;
  /// Where links of others connect to; empty: nowhere.
  std::string address;
};

/// What a process is at, as it tells the others now and then.
struct node_report {
  /// Sessions that it writes, that its streams or other processes follow there, and of these those whose
  /// events another one pushes.
  std::int64_t written = 0;
  std::int64_t followed = 0;
  std::int64_t mirrored = 0;
  /// Streams that follow a session.
  std::int64_t streams = 0;
  /// To other processes, that are up.
  std::int64_t links = 0;
  bool operator==(const node_report&) const = default;
};

struct node_record {
  node_id id = 0;
  /// Both empty until the process has announced itself.
  std::string name;
  std::string address;
  /// For so long it was not seen, by the database's clock.
  std::chrono::milliseconds unseen{0};
  node_report report{};
};

/// On a connection of its own. Blocking calls, errors as values; one thread at a time.
class node_registry {
 public:
  virtual ~node_registry() = default;

  /// Of this process; never 0, and another's in its next life.
  virtual node_id self() const = 0;
  /// This process is seen, and announced with what it is at. @returns all that were seen within 10 seconds,
  /// by id, this one too; but not behind its last writer, with which it goes. `unavailable`: nobody knows
  /// just now, or this program is too old to be one of them.
  virtual result<std::vector<node_record>> renew(const node_report& own) = 0;
};

}  // namespace sandbase
