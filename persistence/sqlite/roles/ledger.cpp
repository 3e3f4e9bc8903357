// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/ledger.hpp"

#include <algorithm>

namespace sandbase::sqlite {

namespace {

failure other_writer(errc code) { return {code, "the session has another writer by now"}; }

std::int64_t json_bytes(const std::vector<journal_event>& events) {
  std::int64_t n = 0;
  for (const auto& e : events) n += static_cast<std::int64_t>(e.json.size());
  return n;
}

}  // namespace

// --- who may append --------------------------------------------------------------------

void ledger::load(journal_scan found) {
  const std::scoped_lock lock{mutex_};
  entries_.clear();
  damaged_.clear();
  set_aside_.clear();
  set_aside_bytes_ = 0;
  unmerged_.clear();
  has_freed_ = false;
  new_damage_.clear();
  oldest_.clear();
  orphans_.clear();
  unasked_.clear();
  failed_ = {};
  bytes_ = 0;
  end_place_ = found.bytes;
  for (auto& s : found.sessions) {
    auto& e = entries_[s.row.key];
    e.sealed_seq = s.row.sealed_seq;
    e.tip = std::move(s.progress.tip);
    e.runs.assign(s.runs.begin(), s.runs.end());
    e.requests = std::move(s.requests);
    for (const auto& run : e.runs) bytes_ += run.bytes;
    index(s.row.key, e);
  }
  for (auto& d : found.damaged) {
    new_damage_.push_back(d.what);
    damaged_.emplace(d.session, std::move(d.what));
  }
}

epoch_t ledger::claim(const session_row& row) {
  const std::scoped_lock lock{mutex_};
  entry unknown;
  unknown.sealed_seq = row.sealed_seq;
  unknown.tip = row.header.progress.tip;
  auto& e = entries_.try_emplace(row.key, std::move(unknown)).first->second;
  set_writer(row.key, e, last_epoch_ + 1);
  return ++last_epoch_;
}

void ledger::release(session_key session, epoch_t epoch) {
  const std::scoped_lock lock{mutex_};
  const auto i = entries_.find(session);
  if (i == entries_.end() || i->second.epoch != epoch) return;
  failed_.forget(session);
  set_writer(session, i->second, 0);
  drop_if_done(session);
}

/// If memory ends in it nothing has changed: a session whose rows are not known to be needed would lose them.
void ledger::set_writer(session_key session, entry& e, epoch_t epoch) {
  if (!e.runs.empty() && !e.is_set_aside) {
    const std::pair place{e.runs.front().first, session};
    auto& from = epoch == 0 ? unasked_ : orphans_;
    if (epoch == 0)
      orphans_.insert(place);
    else if (!failed_.is_put_off(session))
      unasked_.insert(place);
    from.erase(place);
  }
  e.epoch = epoch;
  e.is_cut = false;
}

void ledger::cut(session_key session, epoch_t epoch) {
  const auto i = entries_.find(session);
  if (i != entries_.end() && i->second.epoch == epoch) i->second.is_cut = true;
}

void ledger::seal_failed(session_key session, epoch_t epoch) {
  const auto i = entries_.find(session);
  if (epoch == 0 || i == entries_.end() || i->second.epoch != epoch || i->second.is_set_aside) return;
  failed_.add(session);
  if (!i->second.runs.empty()) unasked_.erase({i->second.runs.front().first, session});
}

void ledger::set_aside(session_key session, std::string what) {
  const std::scoped_lock lock{mutex_};
  auto& e = entries_.at(session);
  unindex(session, e);
  failed_.forget(session);
  if (!std::exchange(e.is_set_aside, true))
    for (const auto& run : e.runs) {
      bytes_ -= run.bytes;
      set_aside_bytes_ += run.bytes;
    }
  new_damage_.push_back(what);
  set_aside_.emplace(session, std::move(what));
}

std::string ledger::damaged_sessions() const {
  std::string list;
  for (const auto* all : {&damaged_, &set_aside_})
    for (const auto& [session, what] : *all)
      list.append(list.empty() ? "" : ",").append(std::to_string(session));
  return list;
}

std::vector<std::string> ledger::take_damage() { return std::exchange(new_damage_, {}); }

// --- a commit that is being made -----------------------------------------------------------

std::vector<row_run> ledger::draft::runs_of(session_key session) const {
  const auto known = ledger_.find(session);
  return known ? known->runs : std::vector<row_run>{};
}

std::vector<journal_request> ledger::draft::requests_of(session_key session) const {
  auto all = ledger_.requests_of(session);
  if (const auto i = requests_.find(session); i != requests_.end())
    all.insert(all.end(), i->second.begin(), i->second.end());
  return all;
}

std::vector<journal_row> ledger::draft::find_requests(session_key session, std::uint64_t key_hash) const {
  auto rows = ledger_.find_requests(session, key_hash);
  if (const auto i = requests_.find(session); i != requests_.end())
    for (const auto& r : i->second)
      if (r.key_hash == key_hash) rows.push_back(r.row);
  return rows;
}

const ledger::entry* ledger::draft::current(session_key session, epoch_t epoch) const {
  if (epoch == 0) return nullptr;
  const auto i = ledger_.entries_.find(session);
  return i != ledger_.entries_.end() && i->second.epoch == epoch ? &i->second : nullptr;
}

ledger::draft::end ledger::draft::end_of(session_key session, const entry& e) const {
  const auto i = ends_.find(session);
  return i == ends_.end() ? end{e.tip.last_seq, e.tip.head} : i->second;
}

failure ledger::draft::expect_room(const std::vector<journal_event>& events) {
  const auto bytes = json_bytes(events);
  if (bytes > 0 && ledger_.extent() + bytes_ + bytes > ledger_.room()) {
    refused_bytes_ += bytes;
    return {errc::unavailable, "the journal is full (journal.max_bytes), try again"};
  }
  bytes_ += bytes;
  return {};
}

failure ledger::draft::admit(const append_op& op) {
  for (const auto* all : {&ledger_.damaged_, &ledger_.set_aside_})
    if (const auto damage = all->find(op.session); damage != all->end())
      return {errc::corrupt, damage->second};
  const auto* e = current(op.session, op.epoch);
  if (!e) return other_writer(errc::fenced);
  const auto at = end_of(op.session, *e);
  // An operation without events leaves no gap where it should stand.
  if (e->is_cut || failed_.contains(op.session) || op.first_seq != at.seq + 1 || op.previous_head != at.head)
    return {errc::unavailable, "an append before this one was not stored"};
  if (auto full = expect_room(op.events); full.code != errc::none) return full;
  ends_[op.session] = {op.tip.last_seq, op.tip.head};
  if (op.ends_epoch) failed_.insert(op.session);  // nothing behind it
  return {};
}

failure ledger::draft::admit(const create_op& op) { return expect_room(op.events); }

failure ledger::draft::admit(const seal_op& op) {
  if (const auto damage = ledger_.set_aside_.find(op.session); damage != ledger_.set_aside_.end())
    return {errc::corrupt, damage->second};
  const auto* e = current(op.session, op.epoch);
  if (!e) return other_writer(errc::conflict);
  const auto at = end_of(op.session, *e);
  const auto& tip = op.header->progress.tip;
  // Appends of this epoch may stand behind it by now, in this commit or before; all up to it were taken, else
  // the log would end before it.
  if (e->is_cut || failed_.contains(op.session) || tip.last_seq > at.seq ||
      (tip.last_seq == at.seq && tip.head != at.head))
    return {errc::conflict, "an append before this seal was not stored"};
  if (op.blocks.empty() || op.blocks.front()->first_seq() != e->sealed_seq + 1 ||
      op.blocks.back()->last_seq() > tip.last_seq)
    return {errc::conflict, "these events are sealed already"};
  return {};
}

failure ledger::draft::admit(const delete_op& op) {
  // A damaged session has no writer: whoever may delete it does.
  if (ledger_.damaged_.contains(op.session)) return {};
  if (!current(op.session, op.epoch)) return other_writer(errc::fenced);
  failed_.insert(op.session);  // nothing behind it
  return {};
}

// --- what was committed --------------------------------------------------------------------

void ledger::appended(session_key session, journal_row first_row, const std::vector<journal_event>& events,
                      const log_tip& tip) {
  const std::scoped_lock lock{mutex_};
  auto& e = entries_[session];
  e.tip = tip;
  if (events.empty()) return drop_if_done(session);
  const auto sum = json_bytes(events);
  const auto count = static_cast<std::int64_t>(events.size());
  if (!e.runs.empty() && e.runs.back().first + e.runs.back().count == first_row) {
    e.runs.back().count += count;
    e.runs.back().bytes += sum;
  } else {
    e.runs.push_back({first_row, count, sum, end_place_});
    if (e.runs.size() == 1) index(session, e);
  }
  bytes_ += sum;
  end_place_ += sum;
}

void ledger::stored(session_key session, const journal_request& request) {
  const std::scoped_lock lock{mutex_};
  entries_.at(session).requests.push_back(request);
}

void ledger::sealed(session_key session, seq_t last_seq) {
  const std::scoped_lock lock{mutex_};
  auto& e = entries_.at(session);
  std::erase_if(e.requests, [&](const journal_request& r) { return r.seq <= last_seq; });
  unindex(session, e);
  failed_.forget(session);
  auto left = static_cast<std::int64_t>(last_seq - e.sealed_seq);
  e.sealed_seq = last_seq;
  while (left > 0 && !e.runs.empty()) {
    auto& run = e.runs.front();
    if (run.count > left) {  // a part of a run: its bytes in proportion
      const auto bytes = run.bytes * left / run.count;
      run = {run.first + left, run.count - left, run.bytes - bytes, run.place + bytes};
      bytes_ -= bytes;
      break;
    }
    left -= run.count;
    bytes_ -= run.bytes;
    e.runs.pop_front();
  }
  index(session, e);
  drop_if_done(session);
  if (!is_pressed()) refused_bytes_ = 0;
}

void ledger::erased(session_key session) {
  const std::scoped_lock lock{mutex_};
  if (damaged_.erase(session) + set_aside_.erase(session) > 0) has_freed_ = true;
  unmerged_.erase(session);
  const auto i = entries_.find(session);
  if (i == entries_.end()) return;
  unindex(session, i->second);
  failed_.forget(session);
  auto& bytes = i->second.is_set_aside ? set_aside_bytes_ : bytes_;
  for (const auto& run : i->second.runs) bytes -= run.bytes;
  entries_.erase(i);
}

// --- room ------------------------------------------------------------------------------------

void ledger::index(session_key session, const entry& e) {
  if (e.runs.empty() || e.is_set_aside) return;
  const std::pair place{e.runs.front().first, session};
  oldest_.insert(place);
  if (e.epoch == 0)
    orphans_.insert(place);
  else if (!failed_.is_put_off(session))
    unasked_.insert(place);
}

void ledger::unindex(session_key session, const entry& e) {
  if (e.runs.empty()) return;
  const std::pair place{e.runs.front().first, session};
  oldest_.erase(place);
  orphans_.erase(place);
  unasked_.erase(place);
}

void ledger::drop_if_done(session_key session) {
  const auto i = entries_.find(session);
  if (i != entries_.end() && i->second.runs.empty() && i->second.epoch == 0) entries_.erase(i);
}

std::int64_t ledger::extent() const {
  return oldest_.empty() ? 0 : end_place_ - entries_.at(oldest_.begin()->second).runs.front().place;
}

std::vector<session_key> ledger::ask_for_seals(failed_seals::time_point now) {
  for (const auto session : failed_.take_due(now))
    if (const auto& e = entries_.at(session); !e.runs.empty())
      unasked_.emplace(e.runs.front().first, session);
  std::vector<session_key> out;
  while (!unasked_.empty()) {
    const auto session = unasked_.begin()->second;
    if (end_place_ - entries_.at(session).runs.front().place <= ask_from()) break;
    out.push_back(session);
    unasked_.erase(unasked_.begin());
  }
  return out;
}

std::vector<session_key> ledger::orphans(std::size_t n, bool pressing_only) const {
  std::vector<session_key> out;
  for (auto i = orphans_.begin(); i != orphans_.end() && out.size() < n; ++i) {
    if (pressing_only && end_place_ - entries_.at(i->second).runs.front().place <= ask_from()) break;
    out.push_back(i->second);
  }
  return out;
}

journal_row ledger::oldest_row(journal_row next_row) const {
  return oldest_.empty() ? next_row : oldest_.begin()->first;
}

// --- any thread --------------------------------------------------------------------------------

std::optional<ledger::unsealed_end> ledger::find(session_key session) const {
  const std::scoped_lock lock{mutex_};
  const auto i = entries_.find(session);
  if (i == entries_.end()) return std::nullopt;
  return unsealed_end{i->second.tip, {i->second.runs.begin(), i->second.runs.end()}};
}

std::optional<log_tip> ledger::find_tip(session_key session) const {
  const std::scoped_lock lock{mutex_};
  const auto i = entries_.find(session);
  if (i == entries_.end()) return std::nullopt;
  return i->second.tip;
}

std::vector<journal_row> ledger::find_requests(session_key session, std::uint64_t key_hash) const {
  const std::scoped_lock lock{mutex_};
  std::vector<journal_row> rows;
  if (const auto i = entries_.find(session); i != entries_.end())
    for (const auto& r : i->second.requests)
      if (r.key_hash == key_hash) rows.push_back(r.row);
  return rows;
}

std::vector<journal_request> ledger::requests_of(session_key session) const {
  const std::scoped_lock lock{mutex_};
  const auto i = entries_.find(session);
  return i == entries_.end() ? std::vector<journal_request>{} : i->second.requests;
}

std::optional<std::string> ledger::damage_of(session_key session) const {
  const std::scoped_lock lock{mutex_};
  const auto i = damaged_.find(session);
  if (i == damaged_.end()) return std::nullopt;
  return i->second;
}

}  // namespace sandbase::sqlite
