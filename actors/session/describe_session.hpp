// SPDX-License-Identifier: Apache-2.0
// A session as it is now, for an actor that knows only its id.
#pragma once

#include "actors/caf/errors.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/messages/all.hpp"

#include <string>
#include <utility>

namespace sandbase {

/// Looks the session up and asks it; one that retires in between is looked up again, `tries` times in all.
/// Calls then(session_view) or failed(caf::error) on the actor `self`. `not_found`:
/// it is deleted.
template <class Self, class Then, class Failed>
void describe_session(Self* self, const directory_actor& directory, workspace_key workspace,
                      const std::string& id, Then then, Failed failed, int tries = 5) {
  self->request(directory, answer_timeout, lookup_request{workspace, id})
      .then(
          [=](const lookup_answer& found) {
            self->request(found.session, answer_timeout, describe_request{})
                .then([then](const session_view& view) { then(view); },
                      [=](const caf::error& e) {
                        if (!is_receiver_down(e) || tries <= 1) return failed(of_read(e));
                        describe_session(self, directory, workspace, id, then, failed, tries - 1);
                      });
          },
          [failed](const caf::error& e) { failed(of_read(e)); });
}

}  // namespace sandbase
