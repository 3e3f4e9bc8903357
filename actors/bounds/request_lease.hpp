// SPDX-License-Identifier: Apache-2.0
// What one request holds of the bounds on bytes that come in: by key, by workspace and by process.
#pragma once

#include "actors/bounds/byte_account.hpp"

#include <array>
#include <cstdint>
#include <memory>

namespace sandbase {

/// Given back when the last who works on the request lets go of it: connection, session or journal. Grown by
/// one thread at a time.
class request_lease {
 public:
  enum class bound : std::uint8_t { key, workspace, process };
  /// What a request in work takes however short it is: messages, events, its places in queues.
  static constexpr std::int64_t least_bytes = 4096;
  /// The tightest first, so that who is over his own bound never touches that of all.
  static constexpr std::array bounds{bound::key, bound::workspace, bound::process};

  /// Accounts in the order of `bounds`.
  explicit request_lease(std::array<std::shared_ptr<byte_account>, bounds.size()> accounts)
      : accounts_(std::move(accounts)) {}
  request_lease(const request_lease&) = delete;
  request_lease& operator=(const request_lease&) = delete;
  ~request_lease() { give_back(accounts_.size(), bytes_); }

  std::int64_t bytes() const { return bytes_; }

  /// Holds `bytes` from now on, more than before. @returns the bound that leaves no room, or null; then
  /// nothing has changed
  const bound* try_hold(std::int64_t bytes) {
    const auto more = bytes - bytes_;
    if (more <= 0) return nullptr;
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
      if (accounts_[i]->try_take(more)) continue;
      give_back(i, more);
      return &bounds[i];
    }
    bytes_ = bytes;
    return nullptr;
  }
  /// Holds `more` bytes, limit or not: they are there already.
  void take(std::int64_t more) {
    for (const auto& account : accounts_) account->take(more);
    bytes_ += more;
  }

 private:
  void give_back(std::size_t how_many, std::int64_t bytes) {
    for (std::size_t i = 0; i < how_many; ++i) accounts_[i]->give_back(bytes);
  }

  std::array<std::shared_ptr<byte_account>, bounds.size()> accounts_;
  std::int64_t bytes_ = 0;
};
using request_lease_ptr = std::shared_ptr<request_lease>;

}  // namespace sandbase
