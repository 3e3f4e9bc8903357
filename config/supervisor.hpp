// SPDX-License-Identifier: Apache-2.0
// What whoever started this process and looks after it (systemd above all) is told by sd_notify(3): that it
// serves, that it stops, what it is at, and that it still lives. Where nobody asked, without NOTIFY_SOCKET in
// the environment, all of this does nothing.
#pragma once

#include "actors/messages/all.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace sandbase {

/// The one line that people are shown (`systemctl status`). Like the next two: any thread; may wait for the
/// supervisor; a failure is logged.
void tell_status(const std::string& status);
/// Requests are answered from now on.
void tell_ready(const std::string& status);
/// It was asked to end, and does.
void tell_stopping();

/// How often the supervisor is to hear that this lives: twice in the time after which it would end it
/// (WATCHDOG_USEC). Zero: it does not want to know.
std::chrono::microseconds pulse_interval();

/// Tells the supervisor that the service lives, as long as it does. A timer alone would keep a process alive
/// in which nothing moves any more. So each beat is a round trip: through the mailboxes of `parts`, where
/// threads of the scheduler and every io thread have to take their turn, and only when all have answered the
/// supervisor hears of it. One round is under way at a time, so a hung process collects no questions, and one
/// that comes round goes on as if nothing had been.
///
/// Not among the parts: whoever calls the store. A disk that stands still is not cured by another start;
/// /readyz tells of it.
///
/// Runs detached, as telling may wait.
class pulse final : public caf::event_based_actor {
 public:
  pulse(caf::actor_config& cfg, std::vector<described_actor> parts, std::chrono::microseconds interval);

  const char* name() const override { return "pulse"; }

 protected:
  caf::behavior make_behavior() override;
  void on_exit() override;

 private:
  void beat();
  void answered();

  std::vector<described_actor> parts_;
  const std::chrono::microseconds interval_;
  /// Answers that this round waits for.
  std::size_t left_ = 0;
};

/// Null if the supervisor does not want to know. Until it is sent an exit message.
caf::actor start_pulse(caf::actor_system& system, std::vector<described_actor> parts);

}  // namespace sandbase
