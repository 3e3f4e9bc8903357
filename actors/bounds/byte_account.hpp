// SPDX-License-Identifier: Apache-2.0
// A bound on bytes that several threads hold at once: request bodies in
// flight, bytes handed to sockets, cached blocks.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace sandbase {

/// Any thread. Never blocks: who does not get in has to wait for a better time or refuse.
class byte_account {
 public:
  explicit byte_account(std::int64_t limit) : limit_(limit) {}

  /// Takes `n` bytes if that keeps to the limit; an empty account takes
  /// anything, so that nothing waits for ever. Who gets nothing is in nobody's way, not for a moment.
  bool try_take(std::int64_t n) {
    auto before = used_.load(std::memory_order_relaxed);
    do {
      if (before != 0 && before + n > limit_) return false;
    } while (!used_.compare_exchange_weak(before, before + n, std::memory_order_relaxed));
    return true;
  }
  /// Takes `n` bytes, limit or not: they are there already.
  void take(std::int64_t n) { used_.fetch_add(n, std::memory_order_relaxed); }
  void give_back(std::int64_t n) { used_.fetch_sub(n, std::memory_order_relaxed); }
  std::int64_t used() const { return used_.load(std::memory_order_relaxed); }
  std::int64_t limit() const { return limit_; }

 private:
  std::atomic<std::int64_t> used_{0};
  std::int64_t limit_;
};

/// Bytes taken from an account, given back by the destructor. The account must outlive it.
class byte_lease {
 public:
  byte_lease() = default;
  /// @pre n was taken.
  byte_lease(byte_account& account, std::int64_t n) : account_(&account), bytes_(n) {}
  byte_lease(byte_lease&& other) noexcept
      : account_(std::exchange(other.account_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  byte_lease& operator=(byte_lease&& other) noexcept {
    std::swap(account_, other.account_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~byte_lease() { reset(); }

  /// Adds `n` more bytes. @pre they were taken from the same account
  void grow(byte_account& account, std::int64_t n) {
    account_ = &account;
    bytes_ += n;
  }
  void reset() {
    if (account_) account_->give_back(bytes_);
    account_ = nullptr;
    bytes_ = 0;
  }
  /// Gives back all but `n` bytes, if it holds more.
  void shrink(std::int64_t n) {
    if (!account_ || n >= bytes_) return;
    account_->give_back(bytes_ - n);
    bytes_ = n;
  }
  std::int64_t bytes() const { return bytes_; }

 private:
  byte_account* account_ = nullptr;
  std::int64_t bytes_ = 0;
};

}  // namespace sandbase
