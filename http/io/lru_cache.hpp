// SPDX-License-Identifier: Apache-2.0
// A bounded map that forgets what was used longest ago.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>
#include <utility>

namespace sandbase {

/// One thread at a time.
template <class Key, class Value, class Hash = std::hash<Key>>
class lru_cache {
 public:
  /// @pre capacity > 0
  explicit lru_cache(std::size_t capacity) : capacity_(capacity) {}
  // The index points into the order.
  lru_cache(const lru_cache&) = delete;
  lru_cache& operator=(const lru_cache&) = delete;

  /// Null if unknown. The pointer is good until the next put() or erase().
  Value* find(const Key& key) {
    auto i = index_.find(key);
    if (i == index_.end()) return nullptr;
    order_.splice(order_.begin(), order_, i->second);
    return &i->second->second;
  }

  Value& put(const Key& key, Value value) {
    if (auto* known = find(key)) return *known = std::move(value);
    if (index_.size() >= capacity_) {
      index_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(key, std::move(value));
    index_.emplace(key, order_.begin());
    return order_.front().second;
  }

  void erase(const Key& key) {
    auto i = index_.find(key);
    if (i == index_.end()) return;
    order_.erase(i->second);
    index_.erase(i);
  }

  void clear() {
    index_.clear();
    order_.clear();
  }

  std::size_t size() const { return index_.size(); }

 private:
  std::size_t capacity_;
  /// Most recently used first.
  std::list<std::pair<Key, Value>> order_;
  std::unordered_map<Key, typename std::list<std::pair<Key, Value>>::iterator, Hash> index_;
};

}  // namespace sandbase
