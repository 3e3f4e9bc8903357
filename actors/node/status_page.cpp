// SPDX-License-Identifier: Apache-2.0
#include "actors/node/status_page.hpp"

#include "events/json/json_writer.hpp"

#include <algorithm>

namespace sandbase {

namespace {

std::string_view name_of(told_status::how came) { return came == told_status::how::gone ? "gone" : "hung"; }

void append_members(json::object_writer& object, const told_status& told) {
  if (told.came != told_status::how::told) {
    object.text("phase", name_of(told.came));
    if (!told.calls || told.came == told_status::how::gone) return;
    using std::chrono::milliseconds;
    return object.number("oldest_wait_ms",
                         std::chrono::duration_cast<milliseconds>(told.calls->lasts()).count());
  }
  object.text("phase", told.status.phase);
  for (const auto& c : told.status.counts) object.number(c.name, c.value);
}

void append_session(std::string& out, const told_session& s) {
  json::object_writer object{out};
  object.text("id", s.name);
  object.number("workspace", s.workspace);
  append_members(object, s);
  object.close();
}

using order = std::vector<const told_session*>;

/// The largest by one of their counts, largest first; those that have none are left out.
order largest(const std::vector<told_session>& sessions, std::string_view by) {
  order found;
  for (const auto& s : sessions)
    if (s.status.of(by) > 0) found.push_back(&s);
  const auto shown = std::min(found.size(), shown_sessions);
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(shown), std::greater{},
                            [&](const told_session* s) { return s->status.of(by); });
  found.resize(shown);
  return found;
}

order silent(const std::vector<told_session>& sessions) {
  order found;
  for (const auto& s : sessions)
    if (s.came == told_status::how::hung && found.size() < shown_sessions) found.push_back(&s);
  return found;
}

void append_sessions(std::string& out, const order& sessions) {
  json::append_array(out, sessions, [&](const told_session* s) { append_session(out, *s); });
}

}  // namespace

std::string render_status(const std::vector<told_status>& parts, const std::vector<told_session>& sessions,
                          std::optional<std::size_t> active, bool all) {
  std::string out = "\"actors\":";
  json::append_array(out, parts, [&](const told_status& part) {
    json::object_writer object{out};
    object.text("name", part.name);
    append_members(object, part);
    object.close();
  });
  out += ",\"sessions\":";
  json::object_writer object{out};
  if (active)
    object.number("active", static_cast<std::int64_t>(*active));
  else
    object.raw("active", "null");
  object.number("asked", static_cast<std::int64_t>(sessions.size()));
  if (all) {
    order everyone;
    for (const auto& s : sessions) everyone.push_back(&s);
    append_sessions(object.member_name("found"), everyone);
  } else {
    append_sessions(object.member_name("by_unsealed_bytes"), largest(sessions, "unsealed_bytes"));
    append_sessions(object.member_name("by_events"), largest(sessions, "events"));
    append_sessions(object.member_name("by_followers"), largest(sessions, "followers"));
    append_sessions(object.member_name("hung"), silent(sessions));
  }
  object.close();
  return out;
}

}  // namespace sandbase
