// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/client_receipts.hpp"

#include <algorithm>

namespace sandbase {

receipt_ptr remote_clients::make(std::uint64_t number, const fan_out_actor& thread) {
  auto made = std::make_shared<receipt>(thread, nobody_knows_);
  numbers_.emplace(made.get(), number);
  open_.emplace(number, open_receipt{made, {}});
  return made;
}

std::uint64_t remote_clients::number_of(const receipt_ptr& r) const {
  const auto i = numbers_.find(r.get());
  return i == numbers_.end() ? 0 : i->second;
}

bool remote_clients::wait(std::uint64_t number, sure_promise<receipt_told> promise) {
  auto& waiting = open_.at(number).waiting;
  waiting.push_back(std::move(promise));
  return waiting.size() == 1;
}

void remote_clients::told(std::uint64_t number, receipt::state now) {
  const auto i = open_.find(number);
  if (i == open_.end()) return;
  answer(i->second, now);
  if (now == receipt::state::open) return;
  i->second.is->settle(now);
  numbers_.erase(i->second.is.get());
  open_.erase(i);
}

std::vector<std::uint64_t> remote_clients::awaited() const {
  std::vector<std::uint64_t> all;
  for (const auto& [number, r] : open_)
    if (!r.waiting.empty()) all.push_back(number);
  std::ranges::sort(all);
  return all;
}

void remote_clients::answer(open_receipt& r, receipt::state now) {
  for (const auto& promise : std::exchange(r.waiting, {})) promise.deliver({now});
}

void remote_clients::sweep() {
  for (auto i = open_.begin(); i != open_.end();) {
    const bool is_kept = i->second.is.use_count() > 1 || !i->second.waiting.empty();
    if (!is_kept) {
      numbers_.erase(i->second.is.get());
      i->second.is->settle(receipt::state::lost);
    }
    i = is_kept ? std::next(i) : open_.erase(i);
  }
}

void remote_clients::lose_all() {
  for (auto& [number, r] : open_) {
    answer(r, receipt::state::lost);
    r.is->settle(receipt::state::lost);
  }
  open_.clear();
  numbers_.clear();
}

}  // namespace sandbase
