// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/unsealed_account.hpp"

#include <algorithm>

namespace sandbase::postgres {

bool unsealed_account::has_room(std::int64_t bytes, std::int64_t asked_before) const {
  const std::scoped_lock lock{mutex_};
  return bytes == 0 || extent() + asked_before + bytes <= max_bytes_;
}

void unsealed_account::refused(std::int64_t bytes) {
  const std::scoped_lock lock{mutex_};
  refused_bytes_ += bytes;
}

void unsealed_account::appended(session_key session, seq_t last, std::int64_t bytes) {
  const std::scoped_lock lock{mutex_};
  add(session, last, bytes);
}

void unsealed_account::created(session_key session, seq_t last, std::int64_t bytes) {
  const std::scoped_lock lock{mutex_};
  if (!sessions_.contains(session)) add(session, last, bytes);
}

void unsealed_account::add(session_key session, seq_t last, std::int64_t bytes) {
  auto& all = sessions_[session];
  if (all.empty()) by_place_.emplace(bytes_ever_, session);
  all.push_back({last, bytes, bytes_ever_});
  bytes_ever_ += bytes;
  bytes_ += bytes;
}

void unsealed_account::sealed(session_key session, seq_t up_to) {
  const std::scoped_lock lock{mutex_};
  end_seal(session, up_to);
}

void unsealed_account::end_seal(session_key session, seq_t up_to) {
  asked_.erase(session);
  failed_.forget(session);
  trim(session, up_to);
  if (!wants_room()) refused_bytes_ = 0;
}

void unsealed_account::trim(session_key session, seq_t up_to) {
  if (const auto found = sessions_.find(session); found != sessions_.end()) {
    auto& all = found->second;
    by_place_.erase({all.front().place, session});
    for (; !all.empty() && all.front().last <= up_to; all.pop_front()) bytes_ -= all.front().bytes;
    if (all.empty())
      sessions_.erase(found);
    else
      by_place_.emplace(all.front().place, session);
  }
}

void unsealed_account::seal_failed(session_key session) {
  const std::scoped_lock lock{mutex_};
  failed_.add(session);
}

void unsealed_account::forget(session_key session) { sealed(session, max_told_seq); }

void unsealed_account::claimed(session_key session, seq_t sealed, seq_t last, std::int64_t bytes) {
  const std::scoped_lock lock{mutex_};
  trim(session, sealed);
  if (last > sealed && !sessions_.contains(session)) add(session, last, bytes);
  asked_.erase(session);
}

void unsealed_account::released(session_key session) {
  const std::scoped_lock lock{mutex_};
  failed_.forget(session);
}

unsealed_account::size unsealed_account::all() const {
  const std::scoped_lock lock{mutex_};
  return {sessions_.size(), bytes_, wants_room()};
}

bool unsealed_account::is_pressed() const {
  const std::scoped_lock lock{mutex_};
  return wants_room();
}

std::vector<session_key> unsealed_account::behind(session_key session, std::size_t most) const {
  const std::scoped_lock lock{mutex_};
  std::vector<session_key> some;
  for (auto i = sessions_.upper_bound(session); i != sessions_.end() && some.size() < most; ++i)
    some.push_back(i->first);
  return some;
}

std::vector<session_key> unsealed_account::ask(failed_seals::time_point now,
                                               const std::function<bool(session_key)>& is_mine) {
  const std::scoped_lock lock{mutex_};
  for (const auto session : failed_.take_due(now)) asked_.erase(session);
  std::vector<session_key> wanted;
  for (const auto& [place, session] : by_place_) {
    if (bytes_ever_ - place <= ask_from()) break;
    if (is_mine(session) && !failed_.is_put_off(session) && asked_.insert(session).second)
      wanted.push_back(session);
  }
  return wanted;
}

/// From three quarters on; earlier by what has found no room, a quarter at most.
std::int64_t unsealed_account::ask_from() const {
  return max_bytes_ / 4 * 3 - std::min(refused_bytes_, max_bytes_ / 4);
}

}  // namespace sandbase::postgres
