// SPDX-License-Identifier: Apache-2.0
// Handles of sessions that were looked up lately, so that who asks the same ones again and again goes to them
// without the directory. Weak: none is kept alive by being known here. A plain value of one actor.
#pragma once

#include "actors/session/ask_session.hpp"

#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>

#include <cstddef>
#include <unordered_map>
#include <utility>

namespace sandbase {

class known_sessions {
 public:
  /// One more, and all are forgotten: who is asked often is soon known again.
  static constexpr std::size_t max_known = 4096;

  /// Null: it has to be looked up.
  session_actor find(session_key session) const {
    const auto i = known_.find(session);
    return i == known_.end() ? session_actor{} : caf::actor_cast<session_actor>(i->second);
  }
  void keep(session_key session, const session_actor& handle) {
    if (known_.size() >= max_known) known_.clear();
    known_.insert_or_assign(session, handle.address());
  }
  void forget(session_key session) { known_.erase(session); }
  void clear() { known_.clear(); }

 private:
  std::unordered_map<session_key, caf::actor_addr> known_;
};

/// As ask_session_by_id(), for whoever has its key too. `known` is a member of the actor `self`.
template <class Answer, class Self, class Message, class Then, class Failed>
void ask_known_session(Self* self, known_sessions& known, session_key session,
                       const directory_actor& directory, const lookup_request& where, caf::duration timeout,
                       const Message& what, Then then, Failed failed) {
  const auto look_up = [=, &known] {
    self->request(directory, caf::duration{answer_timeout}, where)
        .then(
            [=, &known](const lookup_answer& found) {
              known.keep(session, found.session);
              ask_found_session<Answer>(self, found.session, directory, where, timeout, what, then, failed);
            },
            [failed](const caf::error& e) { failed(of_read(e)); });
  };
  const auto handle = known.find(session);
  if (!handle) return look_up();
  self->request(handle, timeout, what)
      .then([then](const Answer& answer) { then(answer); },
            [=, &known](const caf::error& e) {
              if (!is_receiver_down(e)) return failed(e);
              known.forget(session);
              look_up();
            });
}

}  // namespace sandbase
