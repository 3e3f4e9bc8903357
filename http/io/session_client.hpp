// SPDX-License-Identifier: Apache-2.0
// Where a session's actor is now: in the io thread's cache of handles, or known to the directory.
#pragma once

#include "actors/caf/errors.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/messages/all.hpp"
#include "http/io/io_shard.hpp"

#include <type_traits>

namespace sandbase {

/// How often a session that went away in between is looked up again.
inline constexpr int session_tries = 5;

/// Calls f(result<session_actor>) on the actor `self` with the session's actor as far as it is known here: at
/// once if it is in the cache, else when the directory has answered. It may be gone by then: who finds that
/// out calls forget_session() and looks again. @pre on the io thread of `shard`, which outlives `self`
template <class Self, class F>
void locate_session(Self* self, io_shard& shard, const session_ref& ref, F f) {
  if (!is_valid_id(ref.id)) return f(result<session_actor>{errc::not_found, "no such session"});
  if (const auto* known = shard.sessions.find(ref)) return f(result<session_actor>{*known});
  self->request(shard.shared.actors.directory, caf::duration{answer_timeout},
                lookup_request{ref.workspace, ref.id})
      .then(
          [&shard, ref, f](const lookup_answer& answer) {
            shard.sessions.put(ref, answer.session);
            f(result<session_actor>{answer.session});
          },
          [f](const caf::error& e) { f(result<session_actor>{to_failure(of_read(e))}); });
}

/// This actor is gone: what comes in its place has to be looked up.
inline void forget_session(io_shard& shard, const session_ref& ref, const session_actor& gone) {
  if (const auto* known = shard.sessions.find(ref); known && *known == gone) shard.sessions.erase(ref);
}

/// How long a session is waited for. Appends and slices have no timeouts of CAF's, which are timers that live
/// until they fire; the deadline of their connection ends them.
template <class Message>
caf::duration wait_for() {
  constexpr bool has_deadline = std::is_same_v<Message, append_request> ||
                                std::is_same_v<Message, open_request> ||
                                std::is_same_v<Message, pull_request>;
  return has_deadline ? caf::duration{caf::infinite} : caf::duration{commit_timeout};
}

/// Sends `message` to the session and calls f(result<Answer>) on the actor `self` when it has answered. A
/// session that was gone before it took the message is asked again through the directory; any other failure
/// is handed to `f`. @pre as above
template <class Answer, class Self, class Message, class F>
void ask_session(Self* self, io_shard& shard, const session_ref& ref, const Message& message, F f,
                 int tries = session_tries) {
  locate_session(self, shard, ref, [=, &shard](const result<session_actor>& found) {
    if (!found) return f(result<Answer>{found.error()});
    self->request(*found, wait_for<Message>(), message)
        .then([f](const Answer& answer) { f(result<Answer>{answer}); },
              [=, &shard, asked = *found](const caf::error& e) {
                if (!is_receiver_down(e) || tries <= 1) return f(result<Answer>{to_failure(e)});
                forget_session(shard, ref, asked);
                ask_session<Answer>(self, shard, ref, message, f, tries - 1);
              });
  });
}

}  // namespace sandbase
