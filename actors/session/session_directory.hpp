// SPDX-License-Identifier: Apache-2.0
// The directory: (workspace, id) → the session actor of this node. Starts sessions, has those go that nobody
// needs, least recently used first, and starts the next actor of a session only when the one before is down.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"
#include "actors/session/session.hpp"
#include "actors/session/session_sizes.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace sandbase {

class session_directory final : public directory_actor::base {
 public:
  session_directory(caf::actor_config& cfg, std::shared_ptr<const session_environment> environment);

  const char* name() const override { return "session_directory"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using place = std::pair<workspace_key, std::string>;
  using clock = caf::actor_clock;
  enum class state { finding, active, retiring };
  struct entry {
    state now = state::finding;
    session_key key = 0;
    session_actor handle;
    std::shared_ptr<const session_sizes> sizes;
    /// At most one a connection.
    std::vector<sure_promise<lookup_answer>> waiters;
    /// Of any other than an active one: when it became that.
    clock::time_point since{};
    /// Of an active one: when it was last known to be used, and its place among all.
    clock::time_point used_at{};
    std::list<const place*>::iterator turn;
  };
  using entry_map = std::map<place, entry>;

  caf::result<lookup_answer> look_up(const lookup_request& r);
  void find(const place& where);
  void found(const place& where, const found_session& answer);
  void start(entry_map::iterator i, std::shared_ptr<const opened_log> log);
  caf::result<session_created> create(const create_session& r);
  caf::result<session_created> create_at_core(const create_session& r);
  void used(entry& e);
  void stay(session_key session);
  void let_go(session_key session);
  void check(entry& e);
  void check_if_crowded();
  void check_idle();
  caf::result<done_answer> retire_everyone();
  void went_down(const caf::down_msg& down);
  active_sessions list(const list_active& r) const;
  std::vector<entry_map::const_iterator> largest(std::size_t most,
                                                 std::atomic<std::int64_t> session_sizes::*by) const;
  actor_status describe() const;
  void finish_if_empty();

  std::shared_ptr<const session_environment> env_;
  entry_map entries_;
  std::unordered_map<session_key, entry_map::iterator> by_key_;
  std::map<caf::actor_addr, entry_map::iterator> by_address_;
  /// Active ones, least recently used first.
  std::list<const place*> turns_;
  /// Those that were asked to go or go by themselves.
  std::size_t retiring_ = 0;
  /// So many more may be asked to make room.
  std::size_t questions_ = 0;
  /// Those that have failed: the next actor of such a session claims first, so that what the journal was
  /// given before is decided.
  std::unordered_set<session_key> failed_;
  creations_actor creations_;
  bool closing_ = false;
  sure_promise<done_answer> closed_;
};

}  // namespace sandbase
