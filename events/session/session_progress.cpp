// SPDX-License-Identifier: Apache-2.0
// The fold of a session's events: status, times, usage, pending tool uses, outcomes.
#include "events/base/utf8.hpp"
#include "events/json/field_path.hpp"
#include "events/session/session.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <limits>

namespace sandbase {

namespace {

/// What an answering event may answer, and the field that names it.
struct answer_rule {
  std::string_view field;
  /// For messages.
  std::string_view waits_for;
  bool (*fits)(const pending_tool_use&);
};

/// The rule for answers that must name a waiting use; null for every other type.
const answer_rule* rule_for(event_type type) {
  static constexpr answer_rule confirmation{
      "tool_use_id", "agent.tool_use or agent.mcp_tool_use with this id waits for a confirmation",
      [](const pending_tool_use& use) { return use.awaits_confirmation; }};
  static constexpr answer_rule custom_result{
      "custom_tool_use_id", "agent.custom_tool_use with this id waits for a result",
      [](const pending_tool_use& use) { return use.type == event_type::agent_custom_tool_use; }};
  static constexpr answer_rule result{
      "tool_use_id", "agent.tool_use with this id waits for a result",
      [](const pending_tool_use& use) { return use.type == event_type::agent_tool_use; }};
  switch (type) {
    case event_type::user_tool_confirmation:
      return &confirmation;
    case event_type::user_custom_tool_result:
      return &custom_result;
    case event_type::user_tool_result:
      return &result;
    default:
      return nullptr;
  }
}

/// Uses are mostly answered soon: from the newest on.
template <class Uses>
auto find_use(Uses& uses, std::string_view id) {
  const auto found = std::find_if(uses.rbegin(), uses.rend(), [&](const auto& use) { return use.id == id; });
  return found == uses.rend() ? uses.end() : std::prev(found.base());
}

/// Sums stop at the largest number instead of wrapping.
void add(std::int64_t& sum, std::int64_t n) {
  sum =
      n > std::numeric_limits<std::int64_t>::max() - sum ? std::numeric_limits<std::int64_t>::max() : sum + n;
}

void add(token_usage& sum, const token_usage& n) {
  add(sum.input_tokens, n.input_tokens);
  add(sum.output_tokens, n.output_tokens);
  add(sum.cache_read_input_tokens, n.cache_read_input_tokens);
  add(sum.cache_creation_input_tokens, n.cache_creation_input_tokens);
}

void add_pending(std::vector<pending_tool_use>& pending, const event_facts& facts, std::string_view id) {
  const bool may_ask = facts.type != event_type::agent_custom_tool_use;
  const bool asks = facts.permission.empty() || facts.permission == "ask";
  if (pending.size() == session_progress::max_pending) pending.erase(pending.begin());
  pending.push_back({std::string{id}, facts.type, may_ask && asks, facts.tool_name});
}

/// What is kept of a description or an explanation.
std::string_view kept_text(std::string_view text) {
  return cut_text(text, session_progress::max_outcome_text / 2);
}

/// Forgets the oldest while there is too much text; of a single one that is left, its text is cut.
void bound_outcomes(std::vector<outcome_state>& outcomes) {
  constexpr auto most = session_progress::max_outcome_text;
  std::size_t bytes = 0;
  for (auto& outcome : outcomes) {
    outcome.description.resize(kept_text(outcome.description).size());
    outcome.explanation.resize(kept_text(outcome.explanation).size());
    bytes += outcome.description.size() + outcome.explanation.size();
  }
  auto kept = outcomes.begin();
  for (; bytes > most; ++kept) bytes -= kept->description.size() + kept->explanation.size();
  outcomes.erase(outcomes.begin(), kept);
}

bool add_outcome(std::vector<outcome_state>& outcomes, const event_facts& facts) {
  if (outcomes.size() == session_progress::max_outcomes) outcomes.erase(outcomes.begin());
  outcome_state added;
  added.id = facts.outcome_id;
  added.description = facts.outcome_description;
  outcomes.push_back(std::move(added));
  bound_outcomes(outcomes);
  return true;
}

bool is_final(std::string_view verdict) {
  return verdict == "satisfied" || verdict == "max_iterations_reached" || verdict == "failed" ||
         verdict == "interrupted";
}

/// An evaluation's start, heartbeat or end.
bool evaluate_outcome(std::vector<outcome_state>& outcomes, const event_facts& facts, timestamp time) {
  const auto found = std::ranges::find(outcomes, facts.outcome_id, &outcome_state::id);
  if (found == outcomes.end()) return false;
  const auto before = *found;
  found->iteration = facts.outcome_iteration;
  if (facts.type != event_type::span_outcome_evaluation_end) {
    found->result = "evaluating";
  } else {
    found->explanation = facts.outcome_explanation;
    const bool final = is_final(facts.outcome_result);
    // After any other verdict (needs_revision) the agent is at work on the outcome again.
    found->result = final ? facts.outcome_result : "running";
    if (final) found->completed_at = time;
  }
  if (*found == before) return false;
  bound_outcomes(outcomes);
  return true;
}

/// What it tells takes the place of what was told before. @returns whether that is something else
bool take_details(usage_details& known, const usage_details& told) {
  const auto before = known;
  for (const auto member :
       {&usage_details::cache_creation, &usage_details::list_cost, &usage_details::server_tool_use})
    if (!(told.*member).empty()) known.*member = told.*member;
  return known != before;
}

/// The agent begins to work: outcomes that waited for it are under way.
void start_outcomes(std::vector<outcome_state>& outcomes) {
  for (auto& outcome : outcomes)
    if (outcome.result == "pending") outcome.result = "running";
}

}  // namespace

std::string_view to_string(session_status s) {
  switch (s) {
    case session_status::idle:
      return "idle";
    case session_status::running:
      return "running";
    case session_status::rescheduling:
      return "rescheduling";
    case session_status::terminated:
      return "terminated";
  }
  return "idle";
}

std::optional<session_status> status_from(std::string_view name) {
  for (const auto s : {session_status::idle, session_status::running, session_status::rescheduling,
                       session_status::terminated})
    if (to_string(s) == name) return s;
  return std::nullopt;
}

result<void> session_progress::check(const event_facts& facts, std::string_view path) const {
  if (status == session_status::terminated) return invalid_at(field_path{path}, "the session is terminated");
  const auto* const rule = rule_for(facts.type);
  if (rule == nullptr) return {};
  const auto use = find_use(pending, facts.answers);
  if (use != pending.end() && rule->fits(*use)) return {};
  const field_path event{path};
  return invalid_at({event, rule->field},
                    fmt::format("no {}: {}", rule->waits_for, quoted_for_message(facts.answers)));
}

bool concerns_pending(event_type type) {
  switch (type) {
    case event_type::agent_tool_use:
    case event_type::agent_mcp_tool_use:
    case event_type::agent_custom_tool_use:
    case event_type::agent_tool_result:
    case event_type::agent_mcp_tool_result:
    case event_type::user_tool_result:
    case event_type::user_custom_tool_result:
    case event_type::user_tool_confirmation:
    case event_type::session_status_idle:
    case event_type::session_status_terminated:
      return true;
    default:
      return false;
  }
}

void update_pending(std::vector<pending_tool_use>& pending, const event_facts& facts, std::string_view id) {
  switch (facts.type) {
    case event_type::agent_tool_use:
    case event_type::agent_mcp_tool_use:
    case event_type::agent_custom_tool_use:
      return add_pending(pending, facts, id);
    case event_type::agent_tool_result:
    case event_type::agent_mcp_tool_result:
    case event_type::user_tool_result:
    case event_type::user_custom_tool_result:
      // A runtime's result may name a use that is unknown here, or none.
      if (const auto use = find_use(pending, facts.answers); use != pending.end()) pending.erase(use);
      return;
    case event_type::user_tool_confirmation:
      if (const auto use = find_use(pending, facts.answers); use != pending.end())
        use->awaits_confirmation = false;
      return;
    case event_type::session_status_idle:
      // A turn that is over waits for nothing any more.
      if (facts.stop_reason != "requires_action") pending.clear();
      return;
    case event_type::session_status_terminated:
      return pending.clear();
    default:
      return;
  }
}

bool session_progress::apply(const event_facts& facts, seq_t seq, std::string_view id,
                             const exact_time& exact, const digest& head) {
  const auto time = exact.ms;
  tip.last_seq = seq;
  tip.last_id = id;
  tip.last_time = exact;
  tip.updated_at = time;
  tip.head = head;

  const auto become = [&](session_status next) {
    if (next == status) return false;
    if (status == session_status::running && running_since) {
      active_ms += std::max<std::int64_t>((time - *running_since).count(), 0);
      running_since.reset();
    }
    status = next;
    if (next == session_status::running) {
      running_since = time;
      start_outcomes(outcomes);
    }
    if (next == session_status::terminated) terminated_at = time;
    return true;
  };

  update_pending(pending, facts, id);
  if (facts.says) {
    if (answers.size() == max_answers) answers.erase(answers.begin());
    answers.push_back({seq, *facts.says});
  }
  switch (facts.type) {
    case event_type::session_status_running:
      return become(session_status::running);
    case event_type::session_status_rescheduled:
      return become(session_status::rescheduling);
    case event_type::session_status_idle:
      return become(session_status::idle);
    case event_type::session_status_terminated:
      return become(session_status::terminated);
    case event_type::span_model_request_end:
      // Counts are the sum of these spans. session.usage is a snapshot of such a sum taken by the runtime:
      // adding it would count twice, and taking it over would let a log show less after an event than before.
      // What spans do not tell is taken over.
      if (facts.usage) add(tip.usage, *facts.usage);
      return false;
    case event_type::session_usage:
      return facts.details && take_details(details, *facts.details);
    case event_type::user_define_outcome:
      return add_outcome(outcomes, facts);
    case event_type::span_outcome_evaluation_start:
    case event_type::span_outcome_evaluation_ongoing:
    case event_type::span_outcome_evaluation_end:
      return evaluate_outcome(outcomes, facts, time);
    default:
      return false;
  }
}

namespace {

/// What was taken out of a vector, shortened or moved in it stays in memory that it holds: only a new one is
/// clean.
template <class T>
void renew(std::vector<T>& all) {
  std::vector<T>(all).swap(all);
}

/// clear() alone takes away the first character.
void overwrite(std::string& text) {
  text.assign(text.capacity(), '\0');
  text.clear();
}

}  // namespace

void session_progress::forget(const event_facts& facts, std::string_view id) {
  if (const auto use = find_use(pending, id); use != pending.end()) use->name.clear();
  for (auto& outcome : outcomes) {
    if (facts.outcome_id.empty() || outcome.id != facts.outcome_id) continue;
    if (outcome.description == kept_text(facts.outcome_description)) outcome.description.clear();
    if (outcome.explanation == kept_text(facts.outcome_explanation)) outcome.explanation.clear();
  }
  if (facts.says) std::erase_if(answers, [&](const given_answer& a) { return a.says == *facts.says; });
  renew(pending);
  renew(outcomes);
  if (!facts.details) return;
  for (const auto member :
       {&usage_details::cache_creation, &usage_details::list_cost, &usage_details::server_tool_use})
    if (details.*member == *facts.details.*member) overwrite(details.*member);
}

seq_t session_progress::find_answer(const event_facts& facts) const {
  if (!facts.says) return 0;
  const auto given = std::ranges::find(answers, *facts.says, &given_answer::says);
  return given == answers.end() ? 0 : given->seq;
}

void session_progress::note_append(std::int64_t author, seq_t first, seq_t last, timestamp at) {
  // Appends of an eighth of a second count as one: 64 are enough for the time that counts.
  const auto part = [](timestamp t) { return t.time_since_epoch().count() / 125; };
  auto& runs = recent_appends;
  if (!runs.empty() && runs.back().author == author && runs.back().last + 1 == first &&
      part(runs.back().at) == part(at)) {
    runs.back().last = last;
    runs.back().at = at;
    return;
  }
  std::erase_if(runs, [&](const append_run& run) { return at - run.at > recent_time; });
  if (runs.size() == max_recent) runs.erase(runs.begin());
  runs.push_back({author, first, last, at});
}

}  // namespace sandbase
