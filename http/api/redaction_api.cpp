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
  c.read_body(read_reason, [&c](const result<std::string>& reason) {
    if (!reason) return c.fail(reason.error());
    const auto& id = c.current().route.event_id;
    if (!is_valid_id(id)) return c.fail({errc::not_found, "the session has no such event"});
    c.ask_current_session<event_redacted>(redact_event{id, *reason},
                                          [&c](const result<event_redacted>& done) {
                                            if (!done) return c.fail(done.error());
                                            const auto& [block, seq, last] = done->shown;
                                            c.answer(block->json(seq));
                                          });
  });
}

}  // namespace sandbase
