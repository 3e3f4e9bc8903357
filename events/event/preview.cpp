// SPDX-License-Identifier: Apache-2.0
#include "events/event/preview.hpp"

#include "events/event/field_reader.hpp"

#include <fmt/core.h>

namespace sandbase {

namespace {

constexpr std::string_view start_name = "event_start";
constexpr std::string_view delta_name = "event_delta";

}  // namespace

bool is_preview(std::string_view type_name) { return type_name == start_name || type_name == delta_name; }

result<preview> read_preview(const json::value& event, const field_path& path, role by,
                             const send_limits& limits) {
  if (by != role::runtime)
    return failure{errc::forbidden,
                   invalid_at({path, "type"}, "only a runtime key may send previews").message};
  preview p;
  field_reader fields{event, path};
  std::string type;
  fields.text("type", type);
  p.is_start = type == start_name;
  if (p.is_start) {
    fields.require("event");
    if (const auto of = fields.get("event", json::kind::object)) {
      const field_path of_path{path, "event"};
      field_reader inner{*of, of_path};
      std::string of_type;
      inner.require("type");
      inner.text("type", of_type);
      inner.require("id");
      inner.text("id", p.event_id);
      p.of = find_type(of_type);
      if (inner.good() && p.of != event_type::agent_message && p.of != event_type::agent_thinking)
        inner.blame("type", "must be \"agent.message\" or \"agent.thinking\"");
      if (inner.good() && !is_valid_id(p.event_id)) inner.blame("id", "must be the id of the event to come");
      if (!inner.good()) return inner.error();
    }
  } else {
    fields.require("event_id");
    fields.text("event_id", p.event_id);
    fields.require("delta");
    if (const auto delta = fields.get("delta", json::kind::object)) {
      const field_path delta_path{path, "delta"};
      field_reader inner{*delta, delta_path};
      std::string delta_type;
      inner.require("type");
      inner.text("type", delta_type);
      if (!inner.good()) return inner.error();
    }
    if (fields.good() && !is_valid_id(p.event_id))
      fields.blame("event_id", "must be the id of the event to come");
  }
  if (!fields.good()) return fields.error();
  p.frame = "event: message\ndata: ";
  const auto before = p.frame.size();
  json::append_compact(p.frame, event.text());
  if (p.frame.size() - before > limits.max_event_bytes)
    return failure{errc::too_large, invalid_at(path, fmt::format("has more than {} bytes (event.max_bytes)",
                                                                 limits.max_event_bytes))
                                        .message};
  p.frame += "\n\n";
  return p;
}

}  // namespace sandbase
