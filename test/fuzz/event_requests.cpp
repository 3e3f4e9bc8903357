// SPDX-License-Identifier: Apache-2.0
// Bodies of requests that send events and make or change sessions: what is accepted can be stored, what is
// not is refused by name.
#include "events/event/draft_reader.hpp"
#include "events/json/line_breaks.hpp"
#include "events/session/session.hpp"
#include "events/session/session_resources.hpp"
#include "test/fuzz/support/drafts.hpp"

using namespace sandbase;
using fuzz::demand;

namespace {

constexpr timestamp now{std::chrono::milliseconds{1'780'000'000'000}};

send_limits small_limits() {
  send_limits limits;
  limits.max_event_bytes = 1500;
  limits.max_events = 8;
  return limits;
}

void check_preview(const placed_preview& placed, std::size_t events) {
  demand(placed.after <= events, "a preview has a place in its request");
  demand(is_valid_id(placed.what->event_id), "a preview names its event", placed.what->event_id);
  std::string_view frame = placed.what->frame;
  constexpr std::string_view before = "event: message\ndata: ";
  demand(frame.starts_with(before) && frame.ends_with("\n\n"), "a preview is a frame", frame);
  frame.remove_prefix(before.size());
  frame.remove_suffix(2);
  demand(static_cast<bool>(json::validate(frame)) && frame.find('\n') == frame.npos &&
             !escape_line_breaks(frame),
         "a preview is one line of JSON", frame);
}

void check_drafts(const std::vector<event_draft>& events, role by) {
  const auto limits = small_limits();
  demand(events.size() <= limits.max_events, "the limit of events holds");
  for (const auto& draft : events) {
    demand(draft.payload.size() <= limits.max_event_bytes, "the limit of bytes holds", draft.payload);
    demand(by == role::runtime ||
               (client_may_send(draft.type) && draft.id.empty() && draft.processed_at.empty()),
           "clients send only what they may", draft.type_name);
    demand(!escape_line_breaks(draft.payload), "a payload has no line break", draft.payload);
    fuzz::demand_storable(draft);
  }
}

void send(std::string_view body, role by) {
  const auto request = parse_send_request(body, by, small_limits());
  if (!request) return fuzz::demand_named_refusal(request.error());
  demand(by != role::viewer, "viewers send nothing");
  demand(!request->events.empty() || !request->previews.empty(), "a request has events");
  demand(request->expected_last_id.empty() || is_valid_id(request->expected_last_id),
         "an expected id is one");
  check_drafts(request->events, by);
  for (const auto& p : request->previews) check_preview(p, request->events.size());
  if (by == role::client)
    demand(static_cast<bool>(parse_send_request(body, role::runtime, small_limits())),
           "a runtime may send what a client may", body);
}

/// What the store keeps and what clients see.
void check_definition(session_definition d) {
  d.id = "sess_fuzz";
  d.created_at = now;
  const auto kept = d.encode();
  const auto back = session_definition::decode(kept);
  demand(back && back->encode() == kept, "a definition survives the store", kept);
  const auto shown = render_session({d, {}}, now, secrets::shown);
  demand(static_cast<bool>(json::validate(shown)), "a session is JSON", shown);
  demand(shown.find_first_of("\r\n") == shown.npos && !escape_line_breaks(shown), "a session is one line",
         shown);
  const auto without = render_session({d, {}}, now, secrets::hidden);
  demand(static_cast<bool>(json::validate(without)), "a session without secrets is JSON", without);
  json::value{without}.find("resources")->for_each_element([&](std::size_t, const json::value& resource) {
    const bool has_token = resource.is(json::kind::object) && resource.find("authorization_token");
    demand(!has_token, "a session without secrets has none", without);
  });
  const auto imported = parse_import_header(R"({"session":)" + shown + R"(,"workspace":"w"})");
  demand(static_cast<bool>(imported), "an exported session can be imported",
         imported ? "" : imported.error().message);
  demand(imported->definition.encode() == kept, "an imported session is the exported one", kept);
}

void create(std::string_view body, role by) {
  const auto request = parse_create_request(body, by, small_limits());
  if (!request) return fuzz::demand_named_refusal(request.error());
  check_drafts(request->initial_events, by);
  auto definition = request->definition;
  check_definition(definition);
  definition.resources = complete_resources(definition.resources, now);
  demand(complete_resources(definition.resources, now) == definition.resources,
         "resources are completed once", definition.resources);
  check_definition(std::move(definition));
}

void update(std::string_view body) {
  const auto request = parse_update_request(body);
  if (!request) return fuzz::demand_named_refusal(request.error());
  auto made =
      parse_create_request(R"({"agent":"agent_a","environment_id":"env","title":"t","metadata":{"a":"1"}})",
                           role::client, small_limits());
  auto& definition = made->definition;
  const auto changes = apply_update(definition, *request);
  if (!changes) return fuzz::demand_named_refusal(changes.error());
  demand(static_cast<bool>(json::validate("{" + *changes + "}")), "what changed is JSON", *changes);
  const auto again = apply_update(definition, *request);
  demand(again && again->empty(), "the same update changes nothing more",
         again ? *again : again.error().message);
  check_definition(definition);
}

void import_header(std::string_view line) {
  const auto header = parse_import_header(line);
  if (!header) return fuzz::demand_named_refusal(header.error());
  demand(is_valid_id(header->definition.id), "an imported session has an id", header->definition.id);
  const auto kept = header->definition.encode();
  const auto back = session_definition::decode(kept);
  demand(back && back->encode() == kept, "an imported definition survives the store", kept);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::input in{data, size};
  switch (in.choice(7)) {
    case 0:
      send(in.text(), role::runtime);
      break;
    case 1:
      send(in.text(), role::client);
      break;
    case 2:
      send(in.text(), role::viewer);
      break;
    case 3:
      create(in.text(), role::runtime);
      break;
    case 4:
      create(in.text(), role::client);
      break;
    case 5:
      update(in.text());
      break;
    default:
      import_header(in.text());
  }
  return 0;
}
