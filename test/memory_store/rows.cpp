// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/rows.hpp"

#include "persistence/names.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <limits>

namespace sandbase::memory {

namespace {

constexpr auto last_seq_of_all = std::numeric_limits<seq_t>::max();

}  // namespace

std::shared_ptr<const session_row> find_row(const tables& rows, session_key session) {
  const auto row = rows.sessions.find(session);
  return row == rows.sessions.end() ? nullptr : row->second;
}

std::optional<log_end> find_end(const tables& rows, session_key session) {
  const auto row = find_row(rows, session);
  if (!row) return std::nullopt;
  const auto& tip = rows.tips.at(session);
  log_end end{*row, tip.epoch, {}, node_of(tip.writer)};
  for (auto i = rows.journal.lower_bound({session, 0}); i != rows.journal.end() && i->first.first == session;
       ++i)
    end.unsealed.push_back(i->second.event);
  return end;
}

log_block_ptr segment_with(const tables& rows, session_key session, seq_t seq) {
  auto i = rows.segments.upper_bound({session, seq});
  if (i == rows.segments.begin()) return nullptr;
  --i;
  return i->first.first == session && i->second->last_seq() >= seq ? i->second : nullptr;
}

bool has_unsealed(const tables& rows, session_key session) {
  const auto first = rows.journal.lower_bound({session, 0});
  return first != rows.journal.end() && first->first.first == session;
}

std::vector<session_key> unsealed_sessions(const tables& rows) {
  std::vector<session_key> all;
  for (auto i = rows.journal.begin(); i != rows.journal.end();
       i = rows.journal.upper_bound({all.back(), last_seq_of_all}))
    all.push_back(i->first.first);
  return all;
}

std::int64_t extent(const tables& rows) {
  return rows.arrivals.empty() ? 0 : rows.count.bytes_ever - rows.arrivals.begin()->second.place;
}

workspace_key find_workspace(const tables& rows, std::string_view name) {
  for (const auto& [key, known] : rows.workspaces)
    if (known == name) return key;
  return 0;
}

result<workspace_key> make_workspace(transaction& tx, std::string_view name) {
  if (auto fits = check_name("workspace", name); !fits) return std::move(fits).error();
  if (const auto known = find_workspace(tx.rows(), name); known != 0) return known;
  const auto key = tx.add(&counters::last_workspace, 1);
  tx.put(&tables::workspaces, key, std::string{name});
  return key;
}

session_key make_session(transaction& tx, workspace_key workspace, const session_header& header) {
  if (tx.rows().session_ids.contains({workspace, header.definition->id})) return 0;
  const auto key = tx.add(&counters::last_session, 1);
  add_session(tx, {key, workspace, header, 0});
  return key;
}

void add_session(transaction& tx, const session_row& row) {
  tx.put(&tables::session_ids, {row.workspace, row.header.definition->id}, row.key);
  tx.put(&tables::sessions, row.key, std::make_shared<const session_row>(row));
  // Stands for a random number: no failover lets it come again, as empty logs have the same head.
  const auto first_epoch = static_cast<epoch_t>(tx.add(&counters::births, 1)) << 32;
  tx.put(&tables::tips, row.key, {first_epoch, 0, row.header.progress.tip});
}

std::string note_ids(transaction& tx, session_key session,
                     const std::vector<std::pair<std::string, seq_t>>& ids) {
  for (const auto& [id, seq] : ids) {
    const std::pair key{session, id};
    if (tx.rows().foreign_ids.contains(key)) return id;
    tx.put(&tables::foreign_ids, key, seq);
  }
  return {};
}

void take_out(transaction& tx, const log_place& place) {
  const auto row = tx.rows().journal.find(place);
  if (row == tx.rows().journal.end()) return;
  tx.add(&counters::unsealed_bytes, -static_cast<std::int64_t>(row->second.event.json.size()));
  tx.erase(&tables::arrivals, row->second.arrival);
  tx.erase(&tables::journal, place);
}

}  // namespace sandbase::memory
