// SPDX-License-Identifier: Apache-2.0
#include "events/session/told_progress.hpp"

#include "events/event/field_reader.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sandbase {

namespace {

using json::kind;

void read_counts(field_reader& usage, token_usage& to) {
  // The events that still tell are among those that were counted.
  const auto count = [&](std::string_view name, std::int64_t& n) { usage.integer(name, n, n); };
  count("input_tokens", to.input_tokens);
  count("output_tokens", to.output_tokens);
  count("cache_read_input_tokens", to.cache_read_input_tokens);
  count("cache_creation_input_tokens", to.cache_creation_input_tokens);
}

void read_details(field_reader& usage, usage_details& to) {
  const auto detail = [&](std::string_view name) {
    std::string text;
    usage.raw(name, kind::object, text);
    if (text.size() > max_usage_detail) usage.blame(name, "must have at most 256 bytes");
    return text;
  };
  to = {detail("cache_creation"), detail("list_cost"), detail("server_tool_use")};
  // As it is shown if nothing has told it.
  if (to.cache_creation == "{}") to.cache_creation.clear();
}

void read_usage(field_reader& session, session_progress& to, const untold_progress& lacks) {
  const auto usage = session.get("usage", kind::object);
  if (!usage) return;
  const field_path path{session.path(), "usage"};
  field_reader in{*usage, path};
  if (lacks.usage) read_counts(in, to.tip.usage);
  if (lacks.details) read_details(in, to.details);
  if (!in.good()) session.blame(in.error());
}

/// An answer that is erased has left the use that it answered among those that were folded.
void read_pending(field_reader& session, std::vector<pending_tool_use>& folded) {
  const auto shown = session.get("pending", kind::array);
  if (!shown) return;
  const field_path path{session.path(), "pending"};
  std::vector<pending_tool_use> waiting;
  auto from = folded.begin();
  shown->for_each_element([&](std::size_t index, const json::value& v) {
    const field_path place{path, index};
    field_reader in{v, place};
    std::string id;
    in.require("id");
    in.text("id", id);
    const auto use = std::ranges::find(from, folded.end(), id, &pending_tool_use::id);
    if (use == folded.end()) in.blame("id", "is that of no event that waits, in the order of the log");
    if (!in.good()) {
      session.blame(in.error());
      return false;
    }
    waiting.push_back(*use);
    from = use + 1;
    return true;
  });
  if (!session.good()) return;
  // Of more than these nobody knows which were answered.
  if (waiting.size() == max_pending_shown) waiting.insert(waiting.end(), from, folded.end());
  folded = std::move(waiting);
}

bool is_outcome_result(std::string_view text) {
  constexpr std::string_view all[] = {
      "pending", "running", "evaluating", "satisfied", "max_iterations_reached", "failed", "interrupted"};
  return std::ranges::find(all, text) != std::end(all);
}

outcome_state read_outcome(field_reader& in) {
  outcome_state outcome;
  for (const auto* name : {"outcome_id", "result"}) in.require(name);
  in.text("outcome_id", outcome.id);
  in.text("description", outcome.description);
  in.text("result", outcome.result);
  in.text("explanation", outcome.explanation);
  in.integer("iteration", outcome.iteration, 0);
  in.time("completed_at", outcome.completed_at);
  if (!is_outcome_result(outcome.result)) in.blame("result", "is none that a session object shows");
  return outcome;
}

void read_outcomes(field_reader& session, std::vector<outcome_state>& to) {
  constexpr std::string_view name = "outcome_evaluations";
  const auto shown = session.get(name, kind::array);
  if (!shown) return;
  const field_path path{session.path(), name};
  std::vector<outcome_state> outcomes;
  std::size_t text = 0;
  shown->for_each_element([&](std::size_t index, const json::value& v) {
    const field_path place{path, index};
    field_reader in{v, place};
    outcomes.push_back(read_outcome(in));
    text += outcomes.back().description.size() + outcomes.back().explanation.size();
    if (!in.good()) session.blame(in.error());
    return session.good();
  });
  if (outcomes.size() > session_progress::max_outcomes || text > session_progress::max_outcome_text)
    session.blame(name, "are more than a session object shows");
  if (session.good()) to = std::move(outcomes);
}

}  // namespace

void untold_progress::note(event_type type) {
  usage |= type == event_type::span_model_request_end;
  details |= type == event_type::session_usage;
  pending |= concerns_pending(type);
  outcomes |= type == event_type::user_define_outcome || type == event_type::span_outcome_evaluation_start ||
              type == event_type::span_outcome_evaluation_ongoing ||
              type == event_type::span_outcome_evaluation_end;
}

result<void> complete_progress(session_progress& folded, const untold_progress& lacks,
                               const json::value& session, const field_path& path) {
  field_reader in{session, path};
  if (lacks.usage || lacks.details) read_usage(in, folded, lacks);
  if (lacks.pending) read_pending(in, folded.pending);
  if (lacks.outcomes) read_outcomes(in, folded.outcomes);
  if (!in.good()) return in.error();
  return {};
}

}  // namespace sandbase
