// SPDX-License-Identifier: Apache-2.0
// A reader: answers for old slices, rows and keys from a store
// connection of its own. Spawn it detached: its calls block.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"
#include "actors/store/session_listing.hpp"
#include "persistence/event_store.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace sandbase {

class log_reader final : public reader_actor::base {
 public:
  /// `journal`: knows what the rows of listed sessions do not tell yet.
  log_reader(caf::actor_config& cfg, std::unique_ptr<event_reader> store, journal_actor journal);

  const char* name() const override { return "log_reader"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// `not_found` if the session is gone: what is left of a deleted one looks like a gap.
  result<void> look_for(session_key session);
  /// Reads a slice of the page, and so on until it is whole.
  void list(const std::shared_ptr<session_listing>& page, sure_promise<session_list> promise);
  /// The rows with what the ledger knows beyond them, without those that are gone.
  result<std::vector<session_row>> bring_up_to_date(std::vector<session_row> rows,
                                                    const overlay_answer& known);

  std::unique_ptr<event_reader> store_;
  journal_actor journal_;
};

}  // namespace sandbase
