// SPDX-License-Identifier: Apache-2.0
// A one-shot actor that stops a node in order, each part with a share of the five seconds that a stop may
// take.
#pragma once

#include "actors/messages/all.hpp"

#include <caf/event_based_actor.hpp>

#include <functional>
#include <vector>

namespace sandbase {

class node_stop final : public caf::event_based_actor {
 public:
  /// `ends`, `claimer`, `checkpointer`: may be null; an edge has no journals. `done` is called once, when
  /// everything has ended or has not in time.
  node_stop(caf::actor_config& cfg, directory_actor directory, std::vector<reader_actor> readers,
            ends_actor ends, claimer_actor claimer, std::vector<journal_actor> journals,
            checkpointer_actor checkpointer, std::function<void()> done);

  const char* name() const override { return "node_stop"; }

 protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

 private:
  void close_readers();
  void close_journals();
  void closed_journal();
  void finish();

  directory_actor directory_;
  std::vector<reader_actor> readers_;
  /// May be null, as the next one.
  ends_actor ends_;
  claimer_actor claimer_;
  std::vector<journal_actor> journals_;
  checkpointer_actor checkpointer_;
  std::function<void()> done_;
  std::size_t open_readers_ = 0;
  std::size_t open_journals_ = 0;
};

}  // namespace sandbase
