// SPDX-License-Identifier: Apache-2.0
// The pending end of a log: checks what is to be appended against everything
// appended before it, durable or not, and gives it its place, id, time and
// hash. Plain class of the session actor and of the creation of sessions.
#pragma once

#include "events/log/log_block.hpp"
#include "events/session/session.hpp"
#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace sandbase {

class log_appender {
 public:
  /// Something to be committed. `op` lacks session, workspace and epoch.
  struct built {
    std::shared_ptr<append_op> op;
    /// The events as they will be published.
    std::vector<log_block_ptr> blocks;
    /// Those of its events that change which tool uses wait, with their ids.
    std::vector<std::pair<std::string, event_facts>> pending_changes;
    /// `op` then carries the header.
    bool header_changed = false;
    bool empty() const { return op->events.empty() && !header_changed; }
  };

  explicit log_appender(session_header header) : header_(std::move(header)) {}

  /// As of everything built so far.
  const session_header& header() const { return header_; }

  /// All of the events or none. `path` names their array in messages. @pre own ids are new in this log
  result<built> append(const std::vector<event_draft>& drafts, std::string_view path, api_key_id author,
                       timestamp now);
  /// For what is to be stored beside the log.
  built append_nothing() const;
  /// Changes the definition and appends `session.updated`; an empty op (no events, no header) if nothing
  /// changed. `too_large` if the session object would grow beyond its bound.
  result<built> update(const update_request& update, api_key_id author, timestamp now);
  /// Erases the payload of the event that `block` shows at `seq`, which is durable, and appends
  /// `session.event_redacted`; whatever the session's state is. `reason`: may be empty.
  result<built> redact(const log_block& block, seq_t seq, std::string_view reason, timestamp now);
  /// Makes the log read-only. `invalid` while running, unless `even_if_running`. An empty op if it is
  /// archived already.
  result<built> archive(timestamp now, bool even_if_running);

 private:
  built begin() const;
  result<void> add(const event_draft& draft, std::string_view path, api_key_id author, timestamp now,
                   log_block_builder& out, built& b);
  void note_append(api_key_id author, const built& b, timestamp now);
  void finish(log_block_builder& out, built& b) const;

  session_header header_;
};

}  // namespace sandbase
