// SPDX-License-Identifier: Apache-2.0
// All or nothing: changes of tables that can be taken back, before they are committed and after.
#pragma once

#include "test/memory_store/tables.hpp"

#include <deque>
#include <functional>
#include <utility>
#include <vector>

namespace sandbase::memory {

/// Steps that take changes back, in the order of the changes.
using undo_list = std::vector<std::function<void(tables&)>>;

/// The last commits, so that a failover may lose them.
class history {
 public:
  void add(undo_list commit) {
    if (commit.empty()) return;
    commits_.push_back(std::move(commit));
    if (commits_.size() > max_commits) commits_.pop_front();
  }
  /// Takes back the last `n` commits, or what is known of them. @returns how many
  std::size_t take_back(tables& rows, std::size_t n) {
    std::size_t done = 0;
    for (; done < n && !commits_.empty(); ++done) {
      auto& steps = commits_.back();
      for (auto step = steps.rbegin(); step != steps.rend(); ++step) (*step)(rows);
      commits_.pop_back();
    }
    return done;
  }

 private:
  static constexpr std::size_t max_commits = 256;
  std::deque<undo_list> commits_;
};

/// One at a time. What is not committed when it ends is taken back.
class transaction {
 public:
  transaction(tables& rows, history& past) : rows_(rows), past_(past) {}
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;
  ~transaction() { back_to(0); }

  const tables& rows() const { return rows_; }

  template <class Map>
  void put(Map tables::*table, typename Map::key_type key, typename Map::mapped_type value) {
    auto [row, is_new] = (rows_.*table).try_emplace(key);
    if (is_new)
      undo_.push_back([table, key](tables& rows) { (rows.*table).erase(key); });
    else
      undo_.push_back([table, key, before = row->second](tables& rows) { (rows.*table)[key] = before; });
    row->second = std::move(value);
  }
  template <class Map>
  void erase(Map tables::*table, const typename Map::key_type& key) {
    const auto row = (rows_.*table).find(key);
    if (row == (rows_.*table).end()) return;
    undo_.push_back([table, key, before = row->second](tables& rows) { (rows.*table)[key] = before; });
    (rows_.*table).erase(row);
  }
  /// @returns the number as it is then
  std::int64_t add(std::int64_t counters::*number, std::int64_t n) {
    undo_.push_back([number, n](tables& rows) { rows.count.*number -= n; });
    return rows_.count.*number += n;
  }

  /// Changes so far: a place to go back to.
  std::size_t mark() const { return undo_.size(); }
  void back_to(std::size_t mark) {
    for (; undo_.size() > mark; undo_.pop_back()) undo_.back()(rows_);
  }
  void commit() { past_.add(std::exchange(undo_, {})); }

 private:
  tables& rows_;
  history& past_;
  undo_list undo_;
};

}  // namespace sandbase::memory
