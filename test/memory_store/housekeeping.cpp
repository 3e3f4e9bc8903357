// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/housekeeping.hpp"

#include "persistence/log_recovery.hpp"
#include "test/memory_store/log_writing.hpp"
#include "test/memory_store/rows.hpp"
#include "test/memory_store/staging.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::memory {

namespace {

constexpr std::size_t max_rows = 4096;
constexpr std::size_t max_step_bytes = std::size_t{1024} * 1024;

/// Up to max_rows rows of a table in which those of a session stand side by side, from `first` on.
template <class Map, class IsIts>
std::size_t erase_some(transaction& tx, Map tables::*table, const typename Map::key_type& first,
                       const IsIts& is_its) {
  std::size_t done = 0;
  for (; done < max_rows; ++done) {
    const auto row = (tx.rows().*table).lower_bound(first);
    if (row == (tx.rows().*table).end() || !is_its(row->first)) break;
    tx.erase(table, typename Map::key_type{row->first});
  }
  return done;
}

/// Segments of a session until `bytes` of frames are gone. @returns what of that is left
std::size_t erase_segments(transaction& tx, session_key session, std::size_t bytes) {
  while (bytes > 0) {
    const auto row = tx.rows().segments.lower_bound({session, 0});
    if (row == tx.rows().segments.end() || row->first.first != session) break;
    bytes -= std::min(bytes, row->second->frames().size());
    tx.erase(&tables::segments, log_place{row->first});
  }
  return bytes;
}

}  // namespace

bool housekeeping::run(const house_budget& budget, bool is_pressed) {
  while (step(budget, is_pressed))
    if (budget.is_spent()) return true;
  return false;
}

/// Each kind in turn, so that much of one does not keep another waiting; but room for appends comes first.
bool housekeeping::step(const house_budget& budget, bool is_pressed) {
  if (is_pressed && seal_orphan()) return true;
  for (int tried = 0; tried < 3; ++tried) {
    turn_ = (turn_ + 1) % 3;
    const bool did = turn_ == 0 ? budget.is_idle && seal_orphan() : turn_ == 1 ? sweep() : expire(budget.now);
    if (did) return true;
  }
  return false;
}

failure housekeeping::seal(const log_end& end) {
  auto log = recover_log(end.row, end.unsealed);
  if (!log) return std::move(log).error();
  seal_op op;
  op.session = end.row.key;
  op.blocks = std::move(log->unsealed);
  op.header = std::make_shared<const session_header>(std::move(log->header));
  auto tx = database_.begin();
  auto wrong = write_segments(tx, op);
  if (wrong.code == errc::none) tx.commit();
  return wrong;
}

bool housekeeping::seal_orphan() {
  for (const auto session : unsealed_sessions(database_.rows())) {
    if (database_.has_writer(session) || damaged_.contains(session)) continue;
    const auto wrong = seal(*find_end(database_.rows(), session));
    if (wrong.code == errc::none) return true;
    damaged_.emplace(session, fmt::format("session {} cannot be sealed: {}", session, wrong.message));
  }
  return false;
}

bool housekeeping::sweep() {
  auto tx = database_.begin();
  bury_staged(tx, [&](writer_id node) { return !database_.is_there(node); });
  if (tx.rows().tombstones.empty()) return false;
  auto bytes = max_step_bytes;
  while (bytes > 0 && !tx.rows().tombstones.empty()) {
    const auto session = tx.rows().tombstones.begin()->first;
    const auto workspace = tx.rows().tombstones.begin()->second;
    bytes = erase_segments(tx, session, bytes);
    if (bytes == 0) break;
    const auto ids = erase_some(tx, &tables::foreign_ids, {session, {}},
                                [&](const auto& key) { return key.first == session; });
    const auto requests = erase_some(tx, &tables::requests, {workspace, session, {}}, [&](const auto& key) {
      return std::get<0>(key) == workspace && std::get<1>(key) == session;
    });
    if (ids == max_rows || requests == max_rows) break;
    tx.erase(&tables::tombstones, session_key{session});
  }
  tx.commit();
  return true;
}

bool housekeeping::expire(timestamp now) {
  auto tx = database_.begin();
  std::size_t done = 0;
  for (auto i = tx.rows().requests.begin(); i != tx.rows().requests.end() && done < max_rows;) {
    const auto row = i++;
    if (now - row->second.record.created_at < idempotency_ttl) continue;
    tx.erase(&tables::requests, std::tuple{row->first});
    ++done;
  }
  for (auto i = tx.rows().deletions.begin(); i != tx.rows().deletions.end() && done < max_rows;) {
    const auto row = i++;
    if (now - row->second.at < deletion_ttl) continue;
    tx.erase(&tables::deletions, std::pair{row->first});
    ++done;
  }
  tx.commit();
  return done > 0;
}

}  // namespace sandbase::memory
