// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/unsealed_account.hpp"

#include <algorithm>

namespace sandbase::postgres {

bool unsealed_account::has_room(std::int64_t bytes, std::int64_t asked_before) {
  return bytes == 0 || extent() + asked_before + bytes <= max_bytes_;
}

void unsealed_account::appended(session_key session, seq_t last, std::int64_t bytes) {
  auto& all = sessions_[session];
  if (all.empty()) by_place_.emplace(bytes_ever_, session);
  all.push_back({last, bytes, bytes_ever_});
  bytes_ever_ += bytes;
  bytes_ += bytes;
}

void unsealed_account::sealed(session_key session, seq_t up_to) {
  asked_.erase(session);
  failed_.forget(session);
  trim(session, up_to);
  if (!is_pressed()) refused_bytes_ = 0;
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

void unsealed_account::forget(session_key session) { sealed(session, max_told_seq); }

void unsealed_account::released(session_key session) { failed_.forget(session); }

std::vector<session_key> unsealed_account::behind(session_key session, std::size_t most) const {
  std::vector<session_key> some;
  for (auto i = sessions_.upper_bound(session); i != sessions_.end() && some.size() < most; ++i)
    some.push_back(i->first);
  return some;
}

std::vector<session_key> unsealed_account::ask(failed_seals::time_point now) {
  for (const auto session : failed_.take_due(now)) asked_.erase(session);
  std::vector<session_key> wanted;
  for (const auto& [place, session] : by_place_) {
    if (bytes_ever_ - place <= ask_from()) break;
    if (!failed_.is_put_off(session) && asked_.insert(session).second) wanted.push_back(session);
  }
  return wanted;
}

/// From three quarters on; earlier by what has found no room, a quarter at most.
std::int64_t unsealed_account::ask_from() const {
  return max_bytes_ / 4 * 3 - std::min(refused_bytes_, max_bytes_ / 4);
}

}  // namespace sandbase::postgres
