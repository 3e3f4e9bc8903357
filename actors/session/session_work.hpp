// SPDX-License-Identifier: Apache-2.0
// What a session has under way: plain values of its actor, which alone uses them.
#pragma once

#include "actors/caf/sure_promise.hpp"
#include "actors/messages/all.hpp"
#include "actors/session/append_pipeline.hpp"

#include <caf/actor_clock.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sandbase {

struct session_work {
  using time_point = caf::actor_clock::time_point;
  using append_promise = sure_promise<append_answer>;
  using view_promise = sure_promise<session_view>;
  using deleted_promise = sure_promise<session_deleted>;
  using redacted_promise = sure_promise<event_redacted>;

  /// With what belongs to its answer.
  struct waiting_append : pipelined_append {
    time_point since{};
    /// So often another process has got in between.
    int lost_fences = 0;
    append_promise promise;
    request_lease_ptr lease;
  };
  /// Events of an earlier answer that are put together.
  struct gathering {
    std::vector<event_range> ranges;
    std::size_t next = 0;
    log_slice all;
    std::function<void(log_slice)> done;
    std::function<void(const failure&)> failed;
  };
  /// A preview that waits for a commit.
  struct waiting_preview {
    /// The event that it comes behind.
    seq_t behind = 0;
    /// Null: others were dropped here.
    std::shared_ptr<const preview> what;
    /// Of its request, which may be answered already.
    request_lease_ptr lease;
  };
  /// An event that is being erased.
  struct erasing {
    block_span shown;
    std::string tombstone;
    redacted_promise promise;
  };
  /// Handed to the journal, not yet durable.
  struct in_flight {
    std::uint64_t number = 0;
    time_point since{};
    log_tip tip;
    /// If it changed.
    std::shared_ptr<const session_header> header;
    std::vector<log_block_ptr> blocks;
    std::vector<std::pair<std::string, event_facts>> pending_changes;
    /// Answered if it is not an append: one of these.
    view_promise view;
    std::optional<erasing> erases;
    /// No append, and to be done again where another process has got in between.
    std::function<void()> again;
    bool ends_epoch = false;
    request_lease_ptr lease;
    /// Those between its events, and those that came while this was in flight. In order.
    std::vector<waiting_preview> previews;
  };
  /// What the next claim tells of.
  struct unknown_commit {
    in_flight what;
    /// Null: no append.
    pipelined_append_ptr append;
    /// Another process writes the log: what is not stored is done again.
    bool is_fenced = false;
    bool is_surely_lost = false;
  };
  struct deferred {
    std::function<void()> run;
    std::function<void(const failure&)> fail;
    time_point since{};
  };
  struct waiting_redaction {
    redact_event what;
    redacted_promise promise;
    time_point since{};
    int lost_fences = 0;
  };
  struct removal {
    delete_session what;
    deleted_promise promise;
    time_point since{};
    int lost_fences = 0;
  };
};

}  // namespace sandbase
