// SPDX-License-Identifier: Apache-2.0
// The directory: (workspace, id) → the session actor of this node. Starts sessions, retires them, and starts
// the next incarnation only when the one before is down.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"
#include "actors/session/session.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
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
  enum class state { finding, active, retiring };
  struct entry {
    state now = state::finding;
    session_key key = 0;
    session_actor handle;
    /// At most one a connection.
    std::vector<sure_promise<lookup_answer>> waiters;
  };

  caf::result<lookup_answer> look_up(const lookup_request& r);
  void find(const place& where);
  void found(const place& where, const found_session& answer);
  void start(entry& e, const place& where);
  caf::result<session_created> create(const create_session& r);
  void retire(const retire_me& r);
  caf::result<done_answer> retire_everyone();
  void went_down(const caf::actor_addr& who);
  void finish_if_empty();

  std::shared_ptr<const session_environment> env_;
  std::map<place, entry> entries_;
  std::unordered_map<session_key, place> by_key_;
  std::map<caf::actor_addr, place> by_address_;
  bool closing_ = false;
  sure_promise<done_answer> closed_;
};

}  // namespace sandbase
