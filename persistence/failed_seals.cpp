// SPDX-License-Identifier: Apache-2.0
#include "persistence/failed_seals.hpp"

#include <algorithm>

namespace sandbase {

namespace {

using namespace std::chrono_literals;
constexpr std::chrono::seconds shortest = 1s;
constexpr std::chrono::seconds longest = 60s;

std::chrono::seconds delay_of(int failures) {
  constexpr int doublings_to_longest = 6;
  return std::min(longest, shortest * (1 << std::min(failures - 1, doublings_to_longest)));
}

}  // namespace

void failed_seals::add(session_key session) {
  auto& e = all_[session];
  if (e.is_put_off) return;
  fresh_.push_back(session);
  e.is_put_off = true;
  ++e.failures;
}

void failed_seals::forget(session_key session) {
  const auto i = all_.find(session);
  if (i == all_.end()) return;
  if (i->second.until) waiting_.erase({*i->second.until, session});
  std::erase(fresh_, session);
  all_.erase(i);
}

bool failed_seals::is_put_off(session_key session) const {
  const auto i = all_.find(session);
  return i != all_.end() && i->second.is_put_off;
}

std::vector<session_key> failed_seals::take_due(time_point now) {
  for (const auto session : std::exchange(fresh_, {})) {
    auto& e = all_.at(session);
    e.until = now + delay_of(e.failures);
    waiting_.emplace(*e.until, session);
  }
  std::vector<session_key> due;
  for (; !waiting_.empty() && waiting_.begin()->first <= now; waiting_.erase(waiting_.begin())) {
    due.push_back(waiting_.begin()->second);
    auto& e = all_.at(due.back());
    e.is_put_off = false;
    e.until.reset();
  }
  return due;
}

}  // namespace sandbase
