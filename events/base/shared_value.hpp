// SPDX-License-Identifier: Apache-2.0
// A value that is large and seldom changed: its copies share it.
#pragma once

#include <memory>
#include <utility>

namespace sandbase {

/// Copies share one T until one of them is changed. Never empty, but for one that was moved from. Copies on
/// several threads are independent of each other.
template <class T>
class shared_value {
 public:
  shared_value() : value_(std::make_shared<const T>()) {}
  /// Implicit: it is as good as the value.
  shared_value(T value)  // NOLINT(google-explicit-constructor)
      : value_(std::make_shared<const T>(std::move(value))) {}

  const T& operator*() const noexcept { return *value_; }
  const T* operator->() const noexcept { return value_.get(); }

  /// To change it, in a copy that nobody else has. Valid until this is copied, changed or gone.
  T& edit() {
    auto own = std::make_shared<T>(*value_);
    auto& changed = *own;
    value_ = std::move(own);
    return changed;
  }

 private:
  std::shared_ptr<const T> value_;
};

}  // namespace sandbase
