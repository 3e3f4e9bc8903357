// SPDX-License-Identifier: Apache-2.0
// Whether a node takes requests, or why not any more: it lives on to say so, where an end would only be
// followed by a start that comes to the same.
#pragma once

#include "events/base/result.hpp"

#include <atomic>
#include <mutex>
#include <string>

namespace sandbase {

/// Open until somebody closes it, for good. Any thread.
class service_gate {
 public:
  /// Of several reasons the first counts. @returns whether it was open
  bool close(std::string why) {
    const std::scoped_lock lock{mutex_};
    if (is_closed_) return false;
    why_ = {errc::unavailable, std::move(why)};
    is_closed_.store(true, std::memory_order_release);
    return true;
  }

  /// For the log and whoever keeps the node; null as long as it is open. Valid as long as this is.
  const failure* why_closed() const noexcept {
    return is_closed_.load(std::memory_order_acquire) ? &why_ : nullptr;
  }

 private:
  std::mutex mutex_;
  failure why_;
  std::atomic<bool> is_closed_ = false;
};

}  // namespace sandbase
