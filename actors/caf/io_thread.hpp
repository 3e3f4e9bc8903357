// SPDX-License-Identifier: Apache-2.0
// One io thread: an io_context, the execution units that let CAF actors live on it, and one coarse timer for
// all deadlines of its connections.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>

#include <chrono>

namespace sandbase {

/// Everything here belongs to the thread that runs the io_context, except
/// context().post-like calls and the units' exec_later.
class io_thread {
 public:
  using clock = std::chrono::steady_clock;
  /// Distance between two looks at the deadlines: how late one may be noticed.
  static constexpr std::chrono::milliseconds tick{250};

  /// Something with a deadline. Unlinks itself when destroyed.
  class watched
      : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    /// Point after which deadline_passed() is called, once for each time it is set.
    clock::time_point deadline = clock::time_point::max();

   protected:
    ~watched() = default;
    /// Runs on the io thread. May unlink or destroy this object and any other.
    virtual void deadline_passed() = 0;
    friend class io_thread;
  };

  explicit io_thread(caf::actor_system& system);
  io_thread(const io_thread&) = delete;
  io_thread& operator=(const io_thread&) = delete;

  boost::asio::io_context& context() noexcept { return context_; }
  /// Runs the actors of this thread: what is given to it resumes on the io_context.
  caf::execution_unit& mailbox_unit() noexcept { return mailbox_unit_; }
  /// What actors of this thread send through: receivers of the scheduler run on its workers, not here.
  caf::execution_unit& sending_unit() noexcept { return sending_unit_; }

  /// Time of the last look at the deadlines; at most a tick old. Costs nothing.
  clock::time_point now() const noexcept { return now_; }
  void watch(watched& w) { watched_.push_back(w); }

  /// Looks at all deadlines. Tests call it with times of their own; in production the timer of run() does.
  void sweep(clock::time_point now);
  /// Runs handlers, actors and the timer until stop(). Blocks.
  void run();
  /// Ends run() once what it handles now is done. Any thread.
  void stop();

 private:
  class resuming_unit final : public caf::execution_unit {
   public:
    resuming_unit(caf::actor_system* system, io_thread& owner) : caf::execution_unit(system), owner_(owner) {}
    void exec_later(caf::resumable* job) override;

   private:
    io_thread& owner_;
  };
  class scheduling_unit final : public caf::execution_unit {
   public:
    using caf::execution_unit::execution_unit;
    void exec_later(caf::resumable* job) override;
  };

  void arm_timer();

  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_{context_};
  resuming_unit mailbox_unit_;
  scheduling_unit sending_unit_;
  clock::time_point now_{clock::now()};
  boost::intrusive::list<watched, boost::intrusive::constant_time_size<false>> watched_;
};

}  // namespace sandbase
