// SPDX-License-Identifier: Apache-2.0
#include "actors/caf/io_thread.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace sandbase {

namespace {

/// Messages that an actor handles before others of its thread get their turn.
constexpr std::size_t max_messages_in_a_row = 100;

}  // namespace

io_thread::io_thread(caf::actor_system& system) : mailbox_unit_(&system, *this), sending_unit_(&system) {}

void io_thread::resuming_unit::exec_later(caf::resumable* job) {
  boost::asio::post(owner_.context_, [this, job] {
    switch (job->resume(&owner_.sending_unit_, max_messages_in_a_row)) {
      case caf::resumable::resume_later:
        exec_later(job);
        break;
      default:
        caf::intrusive_ptr_release(job);
    }
  });
}

void io_thread::scheduling_unit::exec_later(caf::resumable* job) { system().scheduler().enqueue(job); }

void io_thread::sweep(clock::time_point now) {
  now_ = now;
  // A call may unlink any of them, also the one that would be next.
  decltype(watched_) left;
  left.splice(left.end(), watched_);
  while (!left.empty()) {
    auto& w = left.front();
    left.pop_front();
    watched_.push_back(w);
    if (w.deadline > now) continue;
    w.deadline = clock::time_point::max();
    w.deadline_passed();
  }
}

void io_thread::arm_timer() {
  timer_.expires_after(tick);
  timer_.async_wait([this](boost::system::error_code ec) {
    if (ec) return;
    sweep(clock::now());
    arm_timer();
  });
}

void io_thread::run() {
  auto work = boost::asio::make_work_guard(context_);
  arm_timer();
  context_.run();
}

void io_thread::stop() { context_.stop(); }

}  // namespace sandbase
