// SPDX-License-Identifier: Apache-2.0
// A reader: answers for old slices, rows and keys from a store
// connection of its own. Spawn it detached: its calls block.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/diagnostics/call_watch.hpp"
#include "actors/diagnostics/wait_times.hpp"
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
  /// `calls`: told of each call of the store.
  log_reader(caf::actor_config& cfg, std::unique_ptr<event_reader> store, std::shared_ptr<call_watch> calls);

  const char* name() const override { return "log_reader"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  struct listing {
    session_listing page;
    sure_promise<session_list> promise;
    wait_times::time_point since{};
  };

  caf::result<session_list> list(const list_sessions& r);
  /// Reads a slice of the first page; a page that is not whole then waits behind the others.
  void list_further();

  call_watch::guard begin_call() { return call_watch::guard{*calls_}; }
  actor_status describe() const;

  std::unique_ptr<event_reader> store_;
  const std::shared_ptr<call_watch> calls_;
  /// In work; one a request.
  std::deque<listing> lists_;
};

}  // namespace sandbase
