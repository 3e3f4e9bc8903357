// SPDX-License-Identifier: Apache-2.0
// What the sessions of a node are at, all together: counted where it changes, so that telling it asks nobody.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace sandbase {

/// Any thread.
struct node_counts {
  /// Sessions that this node writes.
  std::atomic<std::int64_t> written{0};
  /// That are followed here, by streams or by other nodes.
  std::atomic<std::int64_t> followed{0};
  /// Of these, whose events another node pushes.
  std::atomic<std::int64_t> mirrored{0};
  /// Who follows: streams, and each other node whose streams do.
  std::atomic<std::int64_t> followers{0};
  /// Of these, other nodes.
  std::atomic<std::int64_t> followers_elsewhere{0};
};

/// One session's share, which goes with it. One thread at a time.
class counted_session {
 public:
  explicit counted_session(std::shared_ptr<node_counts> all) : all_(std::move(all)) {}
  counted_session(const counted_session&) = delete;
  counted_session& operator=(const counted_session&) = delete;
  ~counted_session() { tell(false, false, 0); }

  void tell(bool is_written, bool is_mirrored, std::int64_t followers) {
    change(all_->written, written_, is_written);
    change(all_->mirrored, mirrored_, is_mirrored);
    change(all_->followed, followed_, followers > 0);
    change(all_->followers, followers_, followers);
  }

 private:
  static void change(std::atomic<std::int64_t>& all, std::int64_t& own, std::int64_t now) {
    const auto before = std::exchange(own, now);
    if (now != before) all.fetch_add(now - before, std::memory_order_relaxed);
  }

  const std::shared_ptr<node_counts> all_;
  std::int64_t written_ = 0;
  std::int64_t mirrored_ = 0;
  std::int64_t followed_ = 0;
  std::int64_t followers_ = 0;
};

}  // namespace sandbase
