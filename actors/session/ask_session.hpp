// SPDX-License-Identifier: Apache-2.0
// A request to a session, by an actor that knows only its id.
#pragma once

#include "actors/caf/errors.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/messages/all.hpp"

#include <string>
#include <utility>

namespace sandbase {

/// How often a session that goes away in between is looked up again.
inline constexpr int ask_session_tries = 5;

template <class Answer, class Self, class Message, class Then, class Failed>
void ask_session_by_id(Self* self, const directory_actor& directory, const lookup_request& where,
                       caf::duration timeout, const Message& what, Then then, Failed failed,
                       int tries = ask_session_tries);

/// Asks a session that was looked up by `where`; one that retires in between is looked up again. Calls
/// then(Answer) or failed(caf::error) on the actor `self`. `timeout`: of the session's answer.
template <class Answer, class Self, class Message, class Then, class Failed>
void ask_found_session(Self* self, const session_actor& session, const directory_actor& directory,
                       const lookup_request& where, caf::duration timeout, const Message& what, Then then,
                       Failed failed, int tries = ask_session_tries) {
  self->request(session, timeout, what)
      .then([then](const Answer& answer) { then(answer); },
            [=](const caf::error& e) {
              if (!is_receiver_down(e) || tries <= 1) return failed(e);
              ask_session_by_id<Answer>(self, directory, where, timeout, what, then, failed, tries - 1);
            });
}

/// As ask_found_session(), of a session that has to be looked up first.
template <class Answer, class Self, class Message, class Then, class Failed>
void ask_session_by_id(Self* self, const directory_actor& directory, const lookup_request& where,
                       caf::duration timeout, const Message& what, Then then, Failed failed, int tries) {
  self->request(directory, caf::duration{answer_timeout}, where)
      .then(
          [=](const lookup_answer& found) {
            ask_found_session<Answer>(self, found.session, directory, where, timeout, what, then, failed,
                                      tries);
          },
          [failed](const caf::error& e) { failed(of_read(e)); });
}

/// A session as it is now. `not_found`: it is deleted.
template <class Self, class Then, class Failed>
void describe_session(Self* self, const directory_actor& directory, workspace_key workspace,
                      const std::string& id, Then then, Failed failed) {
  ask_session_by_id<session_view>(self, directory, lookup_request{workspace, id},
                                  caf::duration{answer_timeout}, describe_request{}, std::move(then),
                                  [failed](const caf::error& e) { failed(of_read(e)); });
}

}  // namespace sandbase
