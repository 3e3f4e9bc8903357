// SPDX-License-Identifier: Apache-2.0
// A response promise that cannot be forgotten. CAF 0.17 has no "broken
// promise": a dropped one leaves the requester waiting for ever.
#pragma once

#include "actors/caf/errors.hpp"

#include <caf/delegated.hpp>
#include <caf/result.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <string>
#include <utility>

namespace sandbase {

/// Copies share one promise; the first answer counts. If the last copy goes without one, it answers
/// `unavailable`: right for everything that was certainly not handed over to the journal.
template <class T>
class sure_promise {
 public:
  /// No promise: answers go nowhere.
  sure_promise() = default;
  /// Takes the request that `self` handles now.
  template <class Self>
  explicit sure_promise(Self* self)
      : state_(std::make_shared<state>(self->template make_response_promise<T>())) {}

  explicit operator bool() const { return state_ != nullptr; }
  void deliver(T value) const {
    if (state_ && state_->promise.pending()) state_->promise.deliver(std::move(value));
  }
  void fail(caf::error e) const {
    if (state_ && state_->promise.pending()) state_->promise.deliver(std::move(e));
  }
  void fail(const failure& f) const { fail(to_error(f)); }
  void fail(errc code, std::string message) const { fail(to_error({code, std::move(message)})); }
  /// Hands the request on: `to` answers it.
  template <class Handle, class Message>
  void delegate(const Handle& to, Message message) const {
    state_->promise.delegate(to, std::move(message));
  }

  /// What the handler of the request returns.
  operator caf::result<T>() const { return caf::delegated<T>{}; }

 private:
  struct state {
    explicit state(caf::typed_response_promise<T> p) : promise(std::move(p)) {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state() {
      if (promise.pending())
        promise.deliver(to_error({errc::unavailable, "the service is busy restarting a part, try again"}));
    }
    caf::typed_response_promise<T> promise;
  };
  std::shared_ptr<state> state_;
};

}  // namespace sandbase
