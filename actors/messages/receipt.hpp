// SPDX-License-Identifier: Apache-2.0
// Whether a client has taken the answer to its request: what tells the repetition that an SDK makes by itself
// from another request that equals it.
#pragma once

#include "actors/actors.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace sandbase {

/// Of one request. Made by its connection, kept by whoever carried the request out. When the connection ends
/// it says so here for good; as long as it is open its io thread has to be asked (receipt_query).
class receipt {
 public:
  enum class state : std::uint8_t {
    /// The request is in work, or its answer is on its way.
    open,
    /// The client's kernel has acknowledged all of the answer, or another request came behind it.
    taken,
    /// The connection ended before that: by a reset, or because the client hung up.
    lost
  };

  /// The connection, on its io thread.
  class source {
   public:
    /// As of now.
    virtual state look() = 0;

   protected:
    ~source() = default;
  };

  /// `thread`: the io thread's. `from` lives until settle().
  receipt(fan_out_actor thread, source& from) : thread_(std::move(thread)), from_(&from) {}

  /// Whom to ask while it is open.
  const fan_out_actor& thread() const { return thread_; }
  /// What is known without asking. Any thread.
  state known() const { return state_.load(std::memory_order_acquire); }
  /// @pre on the io thread
  state look() { return from_ && known() == state::open ? from_->look() : known(); }
  /// For good. @pre on the io thread, once
  void settle(state as) {
    from_ = nullptr;
    become(as);
  }
  /// What its client is told does not say what becomes of the request: that counts as an answer that was
  /// lost, whatever arrives. Before it is told; any thread.
  void disclaim() { become(state::lost); }

 private:
  /// The first time counts.
  void become(state as) {
    auto before = state::open;
    state_.compare_exchange_strong(before, as, std::memory_order_acq_rel);
  }

  const fan_out_actor thread_;
  source* from_;
  std::atomic<state> state_{state::open};
};
using receipt_ptr = std::shared_ptr<receipt>;

/// From whoever kept a receipt to the io thread of its connection.
struct receipt_query {
  receipt_ptr of;
};
struct receipt_told {
  receipt::state now = receipt::state::open;
};

}  // namespace sandbase
