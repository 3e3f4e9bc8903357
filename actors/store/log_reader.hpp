// SPDX-License-Identifier: Apache-2.0
// A reader: answers for old slices, rows and keys from a store
// connection of its own. Spawn it detached: its calls block.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"
#include "actors/store/session_listing.hpp"
#include "persistence/event_reader.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <memory>
#include <utility>

namespace sandbase {

class log_reader final : public reader_actor::base {
 public:
  log_reader(caf::actor_config& cfg, std::unique_ptr<event_reader> store);

  const char* name() const override { return "log_reader"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  struct listing {
    session_listing page;
    sure_promise<session_list> promise;
    caf::actor_clock::time_point give_up_at{};
  };

  caf::result<session_list> list(const list_sessions& r);
  /// Reads a slice of the first page; a page that is not whole then waits behind the others.
  void list_further();

  std::unique_ptr<event_reader> store_;
  /// In work; one a request.
  std::deque<listing> lists_;
};

}  // namespace sandbase
