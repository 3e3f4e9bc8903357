// SPDX-License-Identifier: Apache-2.0
#include "config/supervisor.hpp"

#include "actors/caf/harden.hpp"

#include <spdlog/spdlog.h>

#include <cstdint>
#include <cstring>
#include <systemd/sd-daemon.h>
#include <utility>

namespace sandbase {

namespace {

constexpr int keep_environment = 0;

void tell(const std::string& state) {
  if (const auto told = sd_notify(keep_environment, state.c_str()); told < 0)
    spdlog::warn("the supervisor at NOTIFY_SOCKET could not be told {}: {}",
                 state.substr(0, state.find('\n')), std::strerror(-told));
}

}  // namespace

void tell_status(const std::string& status) { tell("STATUS=" + status); }
void tell_ready(const std::string& status) { tell("READY=1\nSTATUS=" + status); }
void tell_stopping() { tell("STOPPING=1\nSTATUS=stopping"); }

std::chrono::microseconds pulse_interval() {
  std::uint64_t limit = 0;
  const auto wanted = sd_watchdog_enabled(keep_environment, &limit);
  if (wanted < 0)
    spdlog::warn("the supervisor's WATCHDOG_USEC is not understood: {}", std::strerror(-wanted));
  if (wanted <= 0) return {};
  return std::chrono::microseconds{static_cast<std::int64_t>(limit / 2)};
}

pulse::pulse(caf::actor_config& cfg, std::vector<described_actor> parts, std::chrono::microseconds interval)
    : caf::event_based_actor(cfg), parts_(std::move(parts)), interval_(interval) {
  harden(this);
}

caf::behavior pulse::make_behavior() {
  beat();
  return {[this](caf::tick_atom) { beat(); }};
}

void pulse::beat() {
  left_ = parts_.size();
  // Who has ended does not answer either: the guardian has the process end for that, unless it stops.
  for (const auto& part : parts_)
    request(part, caf::infinite, describe_actor{})
        .then([this](const actor_status&) { answered(); }, [](const caf::error&) {});
}

void pulse::answered() {
  if (--left_ > 0) return;
  tell("WATCHDOG=1");
  delayed_send(this, interval_, caf::tick_atom::value);
}

void pulse::on_exit() { parts_.clear(); }

caf::actor start_pulse(caf::actor_system& system, std::vector<described_actor> parts) {
  const auto interval = pulse_interval();
  if (interval.count() == 0) return {};
  return system.spawn<pulse, caf::detached>(std::move(parts), interval);
}

}  // namespace sandbase
