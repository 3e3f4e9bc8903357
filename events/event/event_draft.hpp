// SPDX-License-Identifier: Apache-2.0
// An event as sent, checked but not yet placed in a log, and the parsing of Send Events bodies into drafts.
#pragma once

#include "events/base/exact_time.hpp"
#include "events/base/fingerprint.hpp"
#include "events/base/result.hpp"
#include "events/base/role.hpp"
#include "events/event/event_facts.hpp"
#include "events/ids/event_id.hpp"
#include "events/json/json_document.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

struct event_draft {
  event_type type = event_type::custom;
  std::string type_name;
  /// The runtime's own id; empty: the session makes one.
  std::string id;
  /// The runtime's own `processed_at`, as sent; empty: the session stamps it.
  std::string processed_at;
  /// `processed_at`, read. Meaningless if that is empty.
  exact_time time;
  /// The members beside id, type and processed_at, in the form that is stored: as sent but for white space
  /// between tokens, and as json::document keeps strings: `"a":1,"b":[2]`.
  std::string payload;
  event_facts facts;
};

/// Bounds on what one request may carry.
struct send_limits {
  /// Of the members that one event was sent with, in the form that is stored.
  std::size_t max_event_bytes = std::size_t{1024} * 1024;
  std::size_t max_events = 1000;
  bool operator==(const send_limits&) const = default;
};

/// A preview of an event that is still being made (`event_start`, `event_delta`): pushed to live streams that
/// asked for its kind, never stored.
struct preview {
  bool is_start = false;
  /// event_start: type of the event to come. event_delta: `custom`, its start has told.
  event_type of = event_type::custom;
  /// That the event will carry.
  std::string event_id;
  /// The whole SSE frame, without an id.
  std::string frame;
};
/// A preview with its place in the request: how many stored events stand before it.
struct placed_preview {
  std::size_t after = 0;
  std::shared_ptr<const preview> what;
};

/// A parsed Send Events body.
struct send_request {
  std::vector<event_draft> events;
  std::vector<placed_preview> previews;
  /// Whether `expected_last_event_id` was given; empty string: null was, the log must be empty.
  bool has_expected_last_id = false;
  std::string expected_last_id;
};

/// Parses and checks `{"events":[…], "expected_last_event_id": …}`: JSON (RFC 8259; no
/// duplicate keys, valid UTF-8, nesting at most 64; see json::document), then every rule that does not depend
/// on the log. Failures: `invalid` naming the field (`events[2].content`), `too_large` for
/// an event over the limit, `forbidden` for a type that `by` may not send. Any thread.
result<send_request> parse_send_request(std::string_view body, role by, const send_limits& limits);

/// Parses an array of events in the same way: `events` is the array's text, `path` its name in messages
/// (`initial_events`). The text is validated here; an empty array is fine.
result<std::vector<event_draft>> parse_events(std::string_view events, std::string_view path, role by,
                                              const send_limits& limits);

/// The stored form (events/event/stored_layout.hpp); `extra` (complete members, or empty) goes behind the
/// payload: `"outcome_id":"…"` of a user.define_outcome, whose facts must then get the same id. A draft from
/// a request never has one, an imported one may (facts.outcome_id is not empty). @pre neither id nor time has
/// what JSON would escape
std::string render_event(const event_draft& draft, std::string_view id, std::string_view processed_at,
                         std::string_view extra = {});

/// Equal for drafts that are equal when stored: same types, payloads, own ids and times.
fingerprint fingerprint_of(const std::vector<event_draft>& drafts);
/// The same with the previews between them, and with what the log is to end with.
fingerprint fingerprint_of(const send_request& request);

/// Whether a stored event is what rendering `draft` would have made: same type and payload (fields that the
/// server adds aside), and the same id and time where the draft has its own. An event that was stored with
/// raw line breaks equals the one that would have escapes for them now.
bool renders_to(const event_draft& draft, std::string_view stored_json);

}  // namespace sandbase
