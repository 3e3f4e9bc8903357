// SPDX-License-Identifier: Apache-2.0
// The truth that several nodes share, as a database server would hold it, and what befalls it: commits that
// are under way when others call, and a failover that loses the last of them. Deterministic: whoever makes it
// decides what happens when.
#pragma once

#include "persistence/node_registry.hpp"
#include "test/memory_store/batch.hpp"

#include <functional>
#include <map>
#include <span>
#include <vector>

namespace sandbase::memory {

/// What becomes of a commit under way when one of its sessions is claimed.
enum class fate : std::uint8_t {
  /// It had begun: the claim waits for it, and finds it stored.
  lands,
  /// It had begun and is undone, the claim waits for that.
  vanishes,
  /// It has not begun. It may land later, but for what the claim defeats.
  waits,
};

/// One thread.
class memory_database {
 public:
  // --- for the roles of a node -------------------------------------------------------

  const tables& rows() const { return rows_; }
  transaction begin() { return {rows_, past_}; }
  /// One transaction.
  batch_outcome commit(std::span<const store_op> ops, const sender& by);

  writer_id join();
  /// Its process is gone; what it sent may still be under way.
  void leave(writer_id node) { nodes_.erase(node); }
  bool is_there(writer_id node) const { return nodes_.contains(node); }
  /// It is seen, as long as it is there. `own`: what it tells of itself, if it does.
  void see(writer_id node, const announcement* own = nullptr, const node_report& report = {});
  /// Those that are there.
  const std::map<writer_id, node_row>& nodes() const { return nodes_; }
  bool has_writer(session_key session) const;

  /// A commit is under way; nobody waits for it any more.
  void send(std::vector<store_op> ops, const sender& by);
  /// A claim waits for what is under way to that session.
  void wait_for(session_key session);

  /// Its own.
  std::function<timestamp()> clock = [] { return timestamp{}; };

  // --- what befalls it ------------------------------------------------------------------

  std::size_t under_way() const { return under_way_.size(); }
  /// The commit that is under way at this place, oldest first, is applied; as of now. @pre place <
  /// under_way()
  void land(std::size_t place = 0);
  /// It is never applied. @pre place < under_way()
  void vanish(std::size_t place = 0);
  /// Asked for each commit that a claim finds under way. Empty: they land.
  std::function<fate()> at_claim;
  /// A failover to a copy that lacks the last `commits` (claims and all other changes are such too): all is
  /// as it was before them, epochs and places come again, and what was under way is gone. @returns how many
  /// were lost; fewer if no more are remembered
  std::size_t lose_tail(std::size_t commits);
  /// The copy has caught up: what is committed by now no failover loses.
  void copy_all() { past_ = {}; }

 private:
  struct late_commit {
    std::vector<store_op> ops;
    sender by;
  };

  tables rows_;
  history past_;
  std::vector<late_commit> under_way_;
  /// No part of what a failover loses.
  std::map<writer_id, node_row> nodes_;
  writer_id last_writer_ = 0;
};

}  // namespace sandbase::memory
