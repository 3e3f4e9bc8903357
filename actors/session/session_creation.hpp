// SPDX-License-Identifier: Apache-2.0
// A one-shot actor that makes one session: renders its initial events, has the journal store both, answers,
// quits. The session's own actor starts with the first look-up.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"
#include "actors/session/session.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace sandbase {

class session_creation final : public creation_actor::base {
 public:
  session_creation(caf::actor_config& cfg, directory_actor directory,
                   std::shared_ptr<const session_environment> environment);

  const char* name() const override { return "session_creation"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  caf::result<session_created> create(const create_session& r);
  /// All but its workspace and key.
  result<create_op> make(timestamp now) const;
  void stored(const journal_created& answer);
  /// The idempotency key was used before: the answer is the session made then.
  void answer_existing(const std::string& id);
  void fail(const failure& why);

  create_session request_;
  sure_promise<session_created> promise_;
  directory_actor directory_;
  std::shared_ptr<const session_environment> env_;
  std::shared_ptr<const session_header> header_;
  /// The journal has been asked.
  bool may_be_made_ = false;
};

}  // namespace sandbase
