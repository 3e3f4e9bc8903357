// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/writer_group.hpp"

#include <fmt/core.h>

namespace sandbase::postgres {

void writer_group::set_aside(session_key session, std::string_view why) {
  unsealed.forget(session);
  const std::scoped_lock lock{mutex_};
  damaged_.emplace(session, fmt::format("session {} cannot be sealed: {}", session, why));
}

std::string writer_group::why_set_aside(session_key session) const {
  const std::scoped_lock lock{mutex_};
  const auto known = damaged_.find(session);
  return known == damaged_.end() ? std::string{} : known->second;
}

std::vector<session_key> writer_group::all_set_aside() const {
  const std::scoped_lock lock{mutex_};
  std::vector<session_key> all;
  for (const auto& [session, what] : damaged_) all.push_back(session);
  return all;
}

std::vector<failure> writer_group::take_damage() {
  const std::scoped_lock lock{mutex_};
  std::vector<failure> untold;
  for (const auto& [session, what] : damaged_)
    if (told_.insert(session).second) untold.push_back({errc::corrupt, what});
  return untold;
}

void writer_group::note_small(session_key session) {
  constexpr std::size_t most = 10'000;
  const std::scoped_lock lock{mutex_};
  if (small_.size() < most) small_.insert(session);
}

std::optional<session_key> writer_group::take_small() {
  const std::scoped_lock lock{mutex_};
  if (small_.empty()) return std::nullopt;
  return small_.extract(small_.begin()).value();
}

}  // namespace sandbase::postgres
