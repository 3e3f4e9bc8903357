// SPDX-License-Identifier: Apache-2.0
// Where the servers of a run keep everything, and what befalls it: a disk under one server, or a database
// that several share.
#pragma once

#include "persistence/backend.hpp"
#include "test/simulation/context.hpp"
#include "test/simulation/watched_store.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sandbase::sim {

/// A session as the database has it.
struct stored_log {
  epoch_t epoch = 0;
  bool archived = false;
  /// As shown, the first event first.
  std::vector<std::string> events;
  /// Of the hash chain: behind each event, from before the first on.
  std::vector<digest> heads;
};
/// By id.
using stored_logs = std::map<std::string, stored_log>;

class store_place {
 public:
  store_place() = default;
  store_place(const store_place&) = delete;
  store_place& operator=(const store_place&) = delete;
  virtual ~store_place() = default;

  virtual std::size_t servers() const = 0;
  /// In messages.
  virtual std::string name() const = 0;

  /// The next process of a server opens it. Made if it is not there.
  virtual result<std::unique_ptr<store_backend>> open(std::size_t server) = 0;
  /// As an operator does beside what runs.
  virtual result<std::unique_ptr<store_backend>> open_beside() = 0;
  /// A server's process is over: nothing of it gets here any more.
  virtual void freeze(std::size_t server) = 0;
  /// It is gone: what is here is what the next one finds.
  virtual void thaw(std::size_t server, bool power_cut) = 0;

  /// The clients' chaos begins: what is here by now nothing loses.
  virtual void begin_chaos() {}
  /// What befalls it by itself between two steps.
  virtual void step() {}
  /// It has lost its last commits: everything as it was before that, and as it is now.
  std::function<void(const stored_logs& before, const stored_logs& now)> failed_over;
  virtual bool power_fails_soon() { return false; }
  /// No more trouble: what is open is decided.
  virtual void begin_calm() {}
  /// Of a database that several share: what stands in it.
  virtual stored_logs everything() const { return {}; }
  /// Looks at what is durable by now. After each step.
  virtual void note_durable() {}
};

/// One server over SQLite on a simulated disk. `path`: of the database; its lock is the only file that is on
/// the real one.
std::unique_ptr<store_place> make_disk_place(context& run, const std::string& path);
/// So many servers over one database in memory.
std::unique_ptr<store_place> make_shared_place(context& run, durable_state& durable, std::size_t servers);

}  // namespace sandbase::sim
