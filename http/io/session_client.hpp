// Asking a session, wherever its actor is now: from the io thread's
// cache of handles or through the directory.
#pragma once

#include "actors/errors.hpp"
#include "actors/messages.hpp"
#include "http/io/io_shard.hpp"

namespace sandbase {

/// How often a session that went away in between is looked up again.
inline constexpr int session_tries = 3;

/// Sends `message` to the session and calls f(result<Answer>) on the actor `self`
/// when it has answered. A session that was gone before it took the message is
/// asked again through the directory; any other failure is handed to `f`.
/// @pre on the io thread of `worker`, which outlives `self`
template <class Answer, class Self, class Message, class F>
void ask_session(Self* self, io_shard& worker, const session_ref& ref, const Message& message, F f,
                 int tries = session_tries) {
  if (!is_valid_id(ref.id)) return f(result<Answer>{errc::not_found, "session not found"});
  if (auto* known = worker.sessions.find(ref)) {
    self->request(*known, caf::infinite, message)
        .then([f](const Answer& answer) { f(result<Answer>{answer}); },
              [self, &worker, ref, message, f, tries](const caf::error& e) {
                if (!is_receiver_down(e) || tries <= 1) return f(result<Answer>{to_failure(e)});
                worker.sessions.erase(ref);
                ask_session<Answer>(self, worker, ref, message, f, tries - 1);
              });
    return;
  }
  self->request(worker.shared.directory, caf::infinite, lookup_request{ref.workspace, ref.id})
      .then(
          [self, &worker, ref, message, f, tries](const lookup_answer& answer) {
            worker.sessions.put(ref, answer.session);
            ask_session<Answer>(self, worker, ref, message, f, tries);
          },
          [f](const caf::error& e) { f(result<Answer>{to_failure(e)}); });
}

}  // namespace sandbase
