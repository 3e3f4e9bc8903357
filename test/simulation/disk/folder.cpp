// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/disk/folder.hpp"

#include <algorithm>

namespace sandbase::sim {

folder::node_ptr folder::find(std::string_view name) const {
  const auto it = entries_.find(name);
  return it == entries_.end() ? nullptr : it->second.seen();
}

folder::node_ptr folder::create(std::string_view name) {
  return entries_[std::string{name}].since.emplace_back(std::make_shared<file_node>());
}

void folder::remove(std::string_view name, bool synced) {
  auto& e = entries_.find(name)->second;
  e.since.push_back(nullptr);
  if (synced) e = {};
}

void folder::sync_name(std::string_view name, const node_ptr& node) {
  const auto it = entries_.find(name);
  if (it == entries_.end()) return;
  auto& e = it->second;
  const auto made = std::ranges::find(e.since, node);
  if (made == e.since.end()) return;  // durable already, or removed
  e.durable = node;
  e.since.erase(e.since.begin(), made + 1);
}

void folder::sync() {
  for (auto& [name, e] : entries_) {
    e.durable = e.seen();
    e.since.clear();
  }
}

std::vector<std::string> folder::names() const {
  std::vector<std::string> all;
  for (const auto& [name, e] : entries_)
    if (e.seen() != nullptr) all.push_back(name);
  return all;
}

void folder::forget_users() {
  // Who still has a file open keeps the old node, and so can do no harm to the new.
  const auto renew = [](node_ptr& node) {
    if (node == nullptr) return;
    auto fresh = std::make_shared<file_node>();
    fresh->content = std::move(node->content);
    node = std::move(fresh);
  };
  for (auto& [name, e] : entries_) {
    renew(e.durable);
    std::ranges::for_each(e.since, renew);
  }
}

void folder::cut_power(random_source& random) {
  forget_users();
  for (auto it = entries_.begin(); it != entries_.end();) {
    auto& e = it->second;
    if (const auto held = random.below(e.since.size() + 1); held > 0) e.durable = e.since[held - 1];
    e.since.clear();
    if (e.durable == nullptr) {
      it = entries_.erase(it);
      continue;
    }
    e.durable->content.cut_power(random);
    ++it;
  }
}

}  // namespace sandbase::sim
