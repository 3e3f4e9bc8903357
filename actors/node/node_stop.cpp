// SPDX-License-Identifier: Apache-2.0
#include "actors/node/node_stop.hpp"

#include "actors/caf/harden.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <chrono>

namespace sandbase {

namespace {

constexpr std::chrono::milliseconds seal_time{1000};
constexpr std::chrono::milliseconds close_time{500};

}  // namespace

node_stop::node_stop(caf::actor_config& cfg, directory_actor directory, std::vector<reader_actor> readers,
                     ends_actor ends, claimer_actor claimer, std::vector<journal_actor> journals,
                     checkpointer_actor checkpointer, std::function<void()> done)
    : caf::event_based_actor(cfg),
      directory_(std::move(directory)),
      readers_(std::move(readers)),
      ends_(std::move(ends)),
      claimer_(std::move(claimer)),
      journals_(std::move(journals)),
      checkpointer_(std::move(checkpointer)),
      done_(std::move(done)) {
  harden(this);
  set_down_handler([this](caf::scheduled_actor*, caf::down_msg&) {
    if (open_readers_ > 0 && --open_readers_ == 0) close_journals();
  });
}

caf::behavior node_stop::make_behavior() {
  request(directory_, seal_time, retire_all{})
      .then([this](const done_answer&) { close_readers(); },
            [this](const caf::error&) {
              spdlog::warn("some sessions were not sealed in time: the next start does it");
              close_readers();
            });
  return {[this](caf::timeout_atom) {
    if (open_readers_ == 0) return;
    spdlog::warn("a reader did not close in time");
    open_readers_ = 0;
    close_journals();
  }};
}

void node_stop::close_readers() {
  if (ends_) caf::anon_send_exit(ends_, caf::exit_reason::user_shutdown);
  open_readers_ = readers_.size();
  for (const auto& reader : readers_) {
    monitor(reader);
    caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  }
  delayed_send(this, close_time, caf::timeout_atom::value);
}

void node_stop::close_journals() {
  // No session is left to be claimed for.
  if (claimer_) caf::anon_send_exit(claimer_, caf::exit_reason::user_shutdown);
  open_journals_ = journals_.size();
  if (journals_.empty()) return finish();
  for (const auto& journal : journals_)
    request(journal, close_time, journal_stop{})
        .then([this](const done_answer&) { closed_journal(); },
              [this](const caf::error&) {
                spdlog::warn("the journal did not close in time");
                closed_journal();
              });
}

void node_stop::closed_journal() {
  if (--open_journals_ == 0) finish();
}

void node_stop::finish() {
  if (checkpointer_) caf::anon_send_exit(checkpointer_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(directory_, caf::exit_reason::user_shutdown);
  done_();
  quit();
}

void node_stop::on_exit() {
  done_ = {};
  directory_ = nullptr;
  readers_.clear();
  ends_ = nullptr;
  claimer_ = nullptr;
  journals_.clear();
  checkpointer_ = nullptr;
}

}  // namespace sandbase
