// SPDX-License-Identifier: Apache-2.0
#include "actors/store/ledger.hpp"

#include <numeric>

namespace sandbase {

void ledger::index(session_key session, const entry& e) {
  if (!e.runs.empty()) by_first_row_.emplace(e.runs.front().first, session);
}

void ledger::unindex(session_key session, const entry& e) {
  if (!e.runs.empty()) by_first_row_.erase({e.runs.front().first, session});
}

void ledger::drop_if_done(session_key session) {
  const auto i = entries_.find(session);
  if (i != entries_.end() && i->second.runs.empty() && i->second.incarnation == 0) entries_.erase(i);
}

void ledger::load(std::vector<ledger_row> rows) {
  for (auto& row : rows) {
    auto& e = entries_[row.row.key];
    e.workspace = row.row.workspace;
    e.sealed_seq = row.row.sealed_seq;
    e.tip = std::move(row.progress.tip);
    e.runs.assign(row.runs.begin(), row.runs.end());
    e.bytes = row.bytes;
    // A scan tells the bytes of the whole only; spread them evenly over the events.
    auto seq = e.sealed_seq;
    const auto events = std::max<std::int64_t>(1, static_cast<std::int64_t>(e.tip.last_seq - e.sealed_seq));
    auto left = e.bytes;
    for (const auto& run : e.runs) {
      seq += static_cast<seq_t>(run.count);
      const auto share = &run == &e.runs.back() ? left : e.bytes * run.count / events;
      e.sizes.emplace_back(seq, share);
      left -= share;
    }
    bytes_ += e.bytes;
    index(row.row.key, e);
  }
}

std::uint64_t ledger::claim(session_key session, const session_row& row, session_actor owner) {
  auto [i, is_new] = entries_.try_emplace(session);
  auto& e = i->second;
  if (is_new) {
    e.workspace = row.workspace;
    e.sealed_seq = row.sealed_seq;
    e.tip = row.header.progress.tip;
  }
  e.incarnation = ++last_incarnation_;
  e.owner = std::move(owner);
  e.is_cut = false;
  return e.incarnation;
}

void ledger::cut(session_key session, std::uint64_t incarnation) {
  const auto i = entries_.find(session);
  if (i != entries_.end() && i->second.incarnation == incarnation) i->second.is_cut = true;
}

void ledger::release(session_key session, std::uint64_t incarnation) {
  const auto i = entries_.find(session);
  if (i == entries_.end() || i->second.incarnation != incarnation) return;
  i->second.incarnation = 0;
  i->second.owner = nullptr;
  i->second.is_cut = false;
  drop_if_done(session);
}

void ledger::created(session_key session, workspace_key workspace, journal_row first_row, std::int64_t bytes,
                     const log_tip& tip) {
  if (tip.last_seq == 0) return;
  entries_[session].workspace = workspace;
  appended(session, first_row, static_cast<std::int64_t>(tip.last_seq), bytes, tip);
}

void ledger::erased(session_key session) {
  const auto i = entries_.find(session);
  if (i == entries_.end()) return;
  unindex(session, i->second);
  bytes_ -= i->second.bytes;
  entries_.erase(i);
}

const ledger::entry* ledger::find(session_key session) const {
  const auto i = entries_.find(session);
  return i == entries_.end() ? nullptr : &i->second;
}

const ledger::entry* ledger::batch::current(session_key session, std::uint64_t incarnation) const {
  const auto* e = ledger_.find(session);
  return e && e->incarnation == incarnation ? e : nullptr;
}

ledger::batch::end ledger::batch::end_of(session_key session, const entry& e) const {
  const auto i = ends_.find(session);
  return i == ends_.end() ? end{e.tip.last_seq, e.tip.head} : i->second;
}

result<void> ledger::batch::append(std::uint64_t incarnation, const digest& previous_head,
                                   const append_op& op, const log_tip& tip) {
  const auto* e = incarnation == 0 ? nullptr : current(op.session, incarnation);
  if (!e) return {errc::unavailable, "the session has another writer by now"};
  const auto at = end_of(op.session, *e);
  // An operation without events leaves no gap where it should stand.
  if (e->is_cut || op.first_seq != at.seq + 1 || previous_head != at.head)
    return {errc::unavailable, "an append before this one was not stored"};
  ends_[op.session] = {tip.last_seq, tip.head};
  return {};
}

result<void> ledger::batch::seal(std::uint64_t incarnation, const seal_op& op) {
  const auto* e = current(op.session, incarnation);
  if (!e) return {errc::unavailable, "the session has another writer by now"};
  const auto at = end_of(op.session, *e);
  const auto& tip = op.header->progress.tip;
  // Appends of this incarnation may stand behind it by now, in this batch or before; all up to it were taken,
  // else the log would end before it.
  if (e->is_cut || tip.last_seq > at.seq || (tip.last_seq == at.seq && tip.head != at.head))
    return {errc::unavailable, "an append before this seal was not stored"};
  if (op.blocks.empty() || op.blocks.front()->first_seq() != e->sealed_seq + 1 ||
      op.blocks.back()->last_seq() > tip.last_seq)
    return {errc::unavailable, "these events are sealed already"};
  return {};
}

void ledger::appended(session_key session, journal_row first_row, std::int64_t count, std::int64_t bytes,
                      const log_tip& tip) {
  auto& e = at(session);
  e.tip = tip;
  if (count == 0) return;
  if (!e.runs.empty() && e.runs.back().first + e.runs.back().count == first_row) {
    e.runs.back().count += count;
    e.sizes.back() = {tip.last_seq, e.sizes.back().second + bytes};
  } else {
    e.runs.push_back({first_row, count});
    e.sizes.emplace_back(tip.last_seq, bytes);
    if (e.runs.size() == 1) index(session, e);
  }
  e.bytes += bytes;
  bytes_ += bytes;
}

void ledger::sealed(session_key session, seq_t last_seq) {
  auto& e = at(session);
  unindex(session, e);
  auto left = static_cast<std::int64_t>(last_seq - e.sealed_seq);
  e.sealed_seq = last_seq;
  while (left > 0 && !e.runs.empty()) {
    auto& run = e.runs.front();
    if (run.count > left) {  // a part of a run: its bytes in proportion
      const auto bytes = e.sizes.front().second * left / run.count;
      run.first += left;
      run.count -= left;
      e.sizes.front().second -= bytes;
      e.bytes -= bytes;
      bytes_ -= bytes;
      break;
    }
    left -= run.count;
    e.bytes -= e.sizes.front().second;
    bytes_ -= e.sizes.front().second;
    e.runs.pop_front();
    e.sizes.pop_front();
  }
  index(session, e);
  drop_if_done(session);
}

journal_row ledger::oldest_row(journal_row next_row) const {
  return by_first_row_.empty() ? next_row : by_first_row_.begin()->first;
}

std::vector<session_key> ledger::oldest_sessions(std::size_t n) const {
  std::vector<session_key> out;
  for (auto i = by_first_row_.begin(); i != by_first_row_.end() && out.size() < n; ++i)
    out.push_back(i->second);
  return out;
}

std::vector<session_key> ledger::orphans(std::size_t n) const {
  std::vector<session_key> out;
  for (auto i = by_first_row_.begin(); i != by_first_row_.end() && out.size() < n; ++i)
    if (entries_.at(i->second).incarnation == 0) out.push_back(i->second);
  return out;
}

}  // namespace sandbase
