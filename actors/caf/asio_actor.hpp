// SPDX-License-Identifier: Apache-2.0
// An actor that lives on an io thread: its messages and the handlers of
// its sockets run there one after another, with no lock and no hop between
// them. `request`, `monitor` and `delegate` work as in any other actor.
#pragma once

#include "actors/caf/harden.hpp"
#include "actors/caf/io_thread.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>

#include <exception>
#include <utility>

namespace sandbase {

/// Base: caf::event_based_actor or caf::typed_event_based_actor<…>. Sockets are to be closed in on_exit(),
/// which runs on the io thread; the destructor may run on any.
template <class Base>
class asio_actor : public Base {
 public:
  asio_actor(caf::actor_config& cfg, io_thread& io) : Base(cfg), io_(io) { harden(this); }

  using Base::enqueue;
  void enqueue(caf::mailbox_element_ptr ptr, caf::execution_unit*) override {
    Base::enqueue(std::move(ptr), &io_.mailbox_unit());
  }
  void launch(caf::execution_unit*, bool lazy, bool hide) override {
    Base::launch(&io_.mailbox_unit(), lazy, hide);
  }

 protected:
  io_thread& io() noexcept { return io_; }

  /// Runs `f` as if it were the handling of a message: it may send, request and
  /// quit; if it quit, the actor is finished here and now. Every socket handler and
  /// deadline goes through this. @pre on the io thread, the actor is initialized
  template <class F>
  void enter(F&& f) {
    if (this->getf(caf::abstract_actor::is_cleaned_up_flag)) return;
    this->context(&io_.sending_unit());
    try {
      std::forward<F>(f)();
    } catch (const std::exception& e) {
      log_exception(this->name(), e.what());
      this->quit(caf::exit_reason::unhandled_exception);
    }
    this->finalize();
  }

  /// A completion handler for Asio: keeps the actor alive until it is
  /// called, then runs `f(args…)` through enter().
  template <class F>
  auto handler(F f) {
    return [this, keep = caf::strong_actor_ptr{this->ctrl()}, f = std::move(f)](auto&&... args) mutable {
      this->enter([&] { f(std::forward<decltype(args)>(args)...); });
    };
  }

 private:
  io_thread& io_;
};

}  // namespace sandbase
