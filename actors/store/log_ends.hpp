// SPDX-License-Identifier: Apache-2.0
// Where logs end, by the database that several processes share: for whoever asks, in one look-up for all that
// wait, and by polls for the sessions that are active here. Spawn it detached: its calls block. On an edge,
// which has no database, a node that has it is asked, and nothing blocks.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/diagnostics/call_watch.hpp"
#include "actors/diagnostics/wait_times.hpp"
#include "actors/messages/all.hpp"
#include "actors/placement/placement.hpp"
#include "events/base/wall_clock.hpp"
#include "persistence/end_reader.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace sandbase {

struct log_ends_options {
  /// Between two looks at a session that is followed.
  std::chrono::milliseconds follow_interval{250};
  /// Of one that is followed, while links tell what happens to it.
  std::chrono::milliseconds pushed_interval{2'000};
  /// Of one that nobody follows: what was erased elsewhere must not stay in memory for longer than a minute.
  std::chrono::milliseconds interval{20'000};
  /// For how long a session may show what it has in memory while nobody can look.
  std::chrono::milliseconds trusted_for{30'000};
  /// Between two looks at the database's clock, by which `clock` then goes. Null: none is set.
  std::chrono::milliseconds clock_interval{10'000};
  std::shared_ptr<wall_clock> clock;
  /// The links; null: there are none.
  std::shared_ptr<const placement> nodes;
};

class log_ends final : public ends_actor::base {
 public:
  /// `calls`: told of each call of the store.
  log_ends(caf::actor_config& cfg, std::unique_ptr<end_reader> store, log_ends_options options,
           std::shared_ptr<call_watch> calls);
  /// Of an edge. The clock stays as it is.
  log_ends(caf::actor_config& cfg, core_actor core, log_ends_options options);

  const char* name() const override { return "log_ends"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using time_point = wait_times::time_point;
  struct question {
    session_key session = 0;
    sure_promise<found_end> promise;
    time_point since{};
  };
  struct watched {
    session_actor session;
    watch_pace pace = watch_pace::seldom;
    /// What the session knows, or was told.
    std::optional<written_end> told;
    std::shared_ptr<const std::atomic<std::int64_t>> events;
  };

  caf::result<found_end> find(const find_end& r);
  void look_up();
  void look_at(session_key session);
  void schedule_look_up();
  void watch(const watch_end& r);
  void poll();
  std::vector<session_key> due_sessions();
  using found = std::vector<std::optional<written_end>>;
  /// Calls f(result<found>), at once unless another node is asked.
  void find_all(const std::vector<session_key>& sessions, const std::function<void(const result<found>&)>& f);
  void poll(std::span<const session_key> sessions);
  void poll_some(const std::vector<session_key>& sessions);
  void polled();
  void tell(watched& w, const std::optional<written_end>& end);
  void nobody_looks();
  void set_clock();
  actor_status describe() const;

  std::unique_ptr<end_reader> store_;
  /// Of an edge, in place of a store.
  core_actor core_;
  const log_ends_options options_;
  const std::shared_ptr<call_watch> calls_;
  std::vector<question> waiting_;
  /// To be polled for at once.
  std::vector<session_key> claimed_;
  bool look_up_scheduled_ = false;
  /// Questions of the poll at hand that are not answered, and whether one could not be.
  std::size_t polls_out_ = 0;
  bool poll_has_failed_ = false;
  /// Polls so far.
  std::uint64_t round_ = 0;
  std::map<session_key, watched> watched_;
  /// Of those that are not followed, who was looked at last.
  session_key looked_at_ = 0;
  time_point looked_up_at_{};
  time_point set_clock_at_{};
  bool is_lost_ = false;
};

}  // namespace sandbase
