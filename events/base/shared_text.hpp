// SPDX-License-Identifier: Apache-2.0
// Bytes that stand in something else, which they keep alive: an event's JSON in the block that shows it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sandbase {

/// Immutable; copies share the bytes. Any thread.
class shared_text {
 public:
  shared_text() = default;
  /// Bytes of its own. Implicit: a string is as good as a view of one.
  shared_text(std::string text) {  // NOLINT(google-explicit-constructor)
    auto own = std::make_shared<const std::string>(std::move(text));
    view_ = *own;
    owner_ = std::move(own);
  }
  /// `view` stays valid as long as `owner` lives.
  shared_text(std::string_view view, std::shared_ptr<const void> owner)
      : view_(view), owner_(std::move(owner)) {}

  operator std::string_view() const noexcept { return view_; }  // NOLINT(google-explicit-constructor)
  std::string_view view() const noexcept { return view_; }
  std::size_t size() const noexcept { return view_.size(); }

 private:
  std::string_view view_;
  std::shared_ptr<const void> owner_;
};

}  // namespace sandbase
