// SPDX-License-Identifier: Apache-2.0
// The actor that feeds the hub of an io thread: gets what sessions publish, once for the whole thread, and
// looks at the keys of its streams.
#pragma once

#include "actors/caf/asio_actor.hpp"
#include "actors/diagnostics/wait_times.hpp"
#include "http/io/io_shard.hpp"
#include "http/io/stream_hub.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace sandbase {

/// Attaches itself to the shard's hub when it is made, before the thread runs, and until it ends.
class fan_out final : public asio_actor<fan_out_actor::base>, private io_thread::watched, private hub_feed {
 public:
  /// How often the keys of streams are looked at: a revocation holds everywhere within 5 s.
  static constexpr std::chrono::seconds key_check_interval{2};
  /// How often their age is.
  static constexpr std::chrono::seconds key_age_interval{1};

  fan_out(caf::actor_config& cfg, io_shard& shard);

  const char* name() const override { return "fan_out"; }
  void on_exit() override;

 protected:
  behavior_type make_behavior() override;

 private:
  fan_out_actor follower() override { return fan_out_actor{this}; }
  void begin(const session_actor& session) override;
  void end(const session_actor& session) override;
  void left(const session_actor& session) override;
  void left_workspace(workspace_key workspace) override;

  void publish(const published& p);
  void preview(const previewed& p);
  actor_status describe() const;
  void check_keys();
  void deadline_passed() override;

  io_shard& shard_;
  io_thread::clock::time_point next_check_{};
  /// Look-ups of keys.
  wait_times asked_;
};

}  // namespace sandbase
