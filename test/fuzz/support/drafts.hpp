// SPDX-License-Identifier: Apache-2.0
// What holds for every event that was accepted, whoever sent it.
#pragma once

#include "events/event/event_draft.hpp"
#include "events/event/stored_event.hpp"
#include "test/fuzz/support/fuzz.hpp"
#include "test/unit/support/imported_event.hpp"

namespace sandbase::fuzz {

inline bool same_facts(const event_facts& a, const event_facts& b) {
  return a.type == b.type && a.stop_reason == b.stop_reason && a.answers == b.answers &&
         a.permission == b.permission && a.tool_name == b.tool_name && a.usage == b.usage &&
         a.details == b.details && a.outcome_id == b.outcome_id &&
         a.outcome_description == b.outcome_description && a.outcome_result == b.outcome_result &&
         a.outcome_explanation == b.outcome_explanation && a.outcome_iteration == b.outcome_iteration;
}

/// Its stored form is one line of JSON that tells the same, and that an import takes as it is.
inline void demand_storable(const event_draft& draft) {
  const std::string id = draft.id.empty() ? "sevt_01KSSJTA80000000018Y6NG61P" : draft.id;
  const std::string time = draft.processed_at.empty() ? "2026-05-29T10:00:03.120Z" : draft.processed_at;
  demand(is_valid_id(id), "an id is valid", id);
  demand(draft.processed_at.empty() || parse_exact_time(time) == draft.time, "a time is what it says", time);

  const bool gets_outcome_id =
      draft.type == event_type::user_define_outcome && draft.facts.outcome_id.empty();
  auto facts = draft.facts;
  if (gets_outcome_id) facts.outcome_id = "outc_01KSSJTA80000000018Y6NG61P";
  const auto stored = render_event(
      draft, id, time, gets_outcome_id ? R"("outcome_id":"outc_01KSSJTA80000000018Y6NG61P")" : "");

  const auto valid = json::validate(stored);
  demand(static_cast<bool>(valid), "a stored event is JSON", stored);
  demand(stored.find_first_of("\r\n") == stored.npos, "a stored event is one line", stored);
  const auto read = read_stored_event(stored);
  demand(static_cast<bool>(read), "a stored event can be read", stored);
  demand(read->id == id && read->type_name == draft.type_name && read->type == draft.type &&
             read->time == parse_exact_time(time),
         "a stored event shows its id, type and time", stored);
  demand(same_facts(facts_of(stored), facts), "a stored event tells the facts of its draft", stored);
  demand(renders_to(draft, stored), "a stored event equals its draft", stored);

  const auto again = test::read_imported(stored, "event", json::line_breaks::kept);
  demand(static_cast<bool>(again), "a stored event can be imported", stored);
  demand(again->id == id && again->processed_at == time && render_event(*again, id, time) == stored,
         "an imported event is kept to the byte", stored);
}

}  // namespace sandbase::fuzz
