// SPDX-License-Identifier: Apache-2.0
// The real store between the service's actors and the disk, watched: what becomes durable is noted for the
// model, and calls fail, are slow or are the last ones of the process.
#pragma once

#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"
#include "test/simulation/context.hpp"

#include <memory>
#include <unordered_map>
#include <vector>

namespace sandbase::sim {

/// What the disk holds for certain, over all lives of the service.
class durable_state {
 public:
  /// Last event of a session that a commit has made durable; 0 for unknown sessions.
  seq_t end_of(const std::string& session_id) const;
  /// Whether a session's row was written.
  bool holds(const std::string& session_id) const { return ends_.contains(session_id); }

  /// How often a session became the writer of this log: it does not remember what the one before it did.
  std::uint64_t writers_of(const std::string& session_id) const;

  void committed(std::span<const store_op> ops, const std::vector<op_outcome>& outcomes);
  /// What is found when a session is opened or claimed: also what commits of unknown outcome left there.
  void found(const log_end& log);
  /// The same of a list.
  void found(const session_row& row);
  /// A writer opens the log.
  void opened(const log_end& log);
  /// As a database has it that several servers write to: the last event, and how often the log was claimed.
  void is_at(const std::string& session_id, seq_t end, epoch_t epoch);
  /// A failover has lost its creation.
  void lose(const std::string& session_id) { ends_.erase(session_id); }
  /// A failover has lost what came behind that: claims count on from there, and none is one of before.
  void went_back_to(const std::string& session_id, seq_t end, epoch_t epoch);
  /// When a server first gave the event with this mark a place: at `now`, if never before.
  timestamp first_begun(std::size_t mark, timestamp now) {
    return begun_.try_emplace(mark, now).first->second;
  }
  /// Blocks that were handed to the store, to see that they are let go of.
  std::size_t live_blocks() const;

 private:
  std::unordered_map<session_key, std::string> ids_;
  std::unordered_map<std::string, seq_t> ends_;
  std::unordered_map<std::string, std::uint64_t> writers_;
  /// As a shared database counts them: also those that their servers did not hear of.
  std::unordered_map<std::string, epoch_t> claims_;
  std::vector<std::weak_ptr<const log_block>> blocks_;
  std::unordered_map<std::size_t, timestamp> begun_;
};

/// The writing side. A failure that ends the process shows as
/// `io_failed`: the journal then calls its `fatal`.
std::unique_ptr<event_store> watch(std::unique_ptr<event_store> real, context& run, durable_state& durable);
/// A reading connection.
std::unique_ptr<event_reader> watch(std::unique_ptr<event_reader> real, context& run, durable_state& durable);

}  // namespace sandbase::sim
