// SPDX-License-Identifier: Apache-2.0
// Has sessions made, each by a one-shot actor, and matches the retries of SDKs with creations whose answer
// their client has not taken.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"
#include "actors/session/session.hpp"
#include "actors/session/try_book.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <unordered_set>
#include <vector>

namespace sandbase {

class session_creations final : public creations_actor::base {
 public:
  session_creations(caf::actor_config& cfg, directory_actor directory,
                    std::shared_ptr<const session_environment> environment);

  const char* name() const override { return "session_creations"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// A creation on its way.
  struct waiting {
    create_session request;
    sure_promise<session_created> promise;
    /// What it is the repetition of.
    try_ptr joined;
  };
  using waiting_ptr = std::shared_ptr<waiting>;

  caf::result<session_created> create(const create_session& r);
  void proceed(const waiting_ptr& w, try_book::told_receipts told = {});
  void look(const waiting_ptr& w, const std::vector<receipt_ptr>& receipts);
  void make(const waiting_ptr& w);
  void answer_again(const waiting_ptr& w);
  void decide();
  void ticked(retry_tick::what of);
  void come_again();

  directory_actor directory_;
  std::shared_ptr<const session_environment> env_;
  try_book tries_;
  /// Retries that wait for what becomes of an equal try; at most one a connection.
  std::vector<waiting_ptr> undecided_;
  /// Those whose session is being made.
  std::unordered_set<waiting_ptr> made_;
  bool receipts_awaited_ = false;
  /// Requests that wait for another actor.
  std::size_t asked_ = 0;
  bool retiring_ = false;
  /// Ticks on their way.
  bool receipts_tick_ = false;
  bool tries_tick_ = false;
};

}  // namespace sandbase
