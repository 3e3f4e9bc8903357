// SPDX-License-Identifier: Apache-2.0
// Erasing the payload of an event.
#include "events/base/utf8.hpp"
#include "events/event/field_reader.hpp"
#include "events/event/tombstone.hpp"
#include "events/json/field_path.hpp"
#include "events/json/json_document.hpp"
#include "http/api/api.hpp"

namespace sandbase {

namespace {

/// `{"reason": …}`, or nothing.
result<std::string> read_reason(std::string_view body) {
  std::string reason;
  if (body.empty()) return reason;
  const auto document = json::document::read_body(body);
  if (!document) return document.error();
  const auto root = document->root();
  const field_path path;
  if (!root.is(json::kind::object)) return invalid_at(path, "must be an object");
  field_reader fields{root, path};
  fields.text("reason", reason);
  if (count_characters(reason) > max_redaction_reason)
    fields.blame("reason", "must have at most 200 characters");
  if (!fields.good()) return fields.error();
  return reason;
}

}  // namespace

void redact_event_call(call& c) {
  const auto& e = c.current();
  const auto parse = [id = e.route.event_id, lease = e.lease](std::string_view body) -> result<redact_event> {
    auto reason = read_reason(body);
    if (!reason) return reason.error();
    if (!is_valid_id(id)) return {errc::not_found, "the session has no such event"};
    return redact_event{id, std::move(*reason), lease};
  };
  c.read_body(parse, [&c](const result<redact_event>& message) {
    if (!message) return c.fail(message.error());
    c.ask_current_session<event_redacted>(*message, [&c](const result<event_redacted>& done) {
      if (!done) return c.fail(done.error());
      const auto& [block, seq, last] = done->shown;
      c.answer(block->json(seq));
    });
  });
}

}  // namespace sandbase
