// SPDX-License-Identifier: Apache-2.0
// Claims sessions for the journals, beside their commits: all that its mailbox holds at once, as when a batch
// of commits was lost. Spawn it detached: its calls block.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/diagnostics/call_watch.hpp"
#include "actors/messages/all.hpp"
#include "persistence/session_claimer.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <vector>

namespace sandbase {

class log_claimer final : public claimer_actor::base {
 public:
  /// `calls`: told of those that block.
  log_claimer(caf::actor_config& cfg, std::unique_ptr<session_claimer> store,
              std::shared_ptr<call_watch> calls);

  const char* name() const override { return "log_claimer"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  struct waiting {
    session_key session = 0;
    asked_at asked{};
    sure_promise<claim_answer> promise;
  };

  caf::result<claim_answer> claim(const claim_session& r);
  void flush();
  void schedule_flush();
  actor_status describe() const;

  std::unique_ptr<session_claimer> store_;
  std::shared_ptr<call_watch> calls_;
  std::vector<waiting> waiting_;
  bool flush_scheduled_ = false;
  /// Since the start.
  std::int64_t claims_ = 0;
  std::int64_t batches_ = 0;
};

}  // namespace sandbase
