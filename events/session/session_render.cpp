// SPDX-License-Identifier: Apache-2.0
// The session object as the API shows it: every field of
// BetaManagedAgentsSession that is not optional, and ours.
#include "events/json/json_writer.hpp"
#include "events/session/session.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <span>

namespace sandbase {

namespace {

/// Milliseconds as seconds, always with three digits behind the point, so that the object's size does not
/// change with the clock: 12.340.
std::string seconds(std::int64_t ms) {
  ms = std::max<std::int64_t>(ms, 0);
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

void put_time_or_null(json::object_writer& out, std::string_view name, const std::optional<timestamp>& t) {
  if (t)
    out.text(name, format_timestamp(*t));
  else
    out.raw(name, "null");
}

void append_outcome(std::string& text, const outcome_state& outcome) {
  json::object_writer out{text};
  out.text("type", "outcome_evaluation");
  out.text("outcome_id", outcome.id);
  out.text("description", outcome.description);
  out.text("result", outcome.result);
  if (outcome.explanation.empty())
    out.raw("explanation", "null");
  else
    out.text("explanation", outcome.explanation);
  out.number("iteration", outcome.iteration);
  put_time_or_null(out, "completed_at", outcome.completed_at);
  out.close();
}

void append_stats(std::string& text, const session_header& header, timestamp now) {
  const auto& progress = header.progress;
  auto active = progress.active_ms;
  if (progress.running_since) active += std::max<std::int64_t>((now - *progress.running_since).count(), 0);
  const auto end = progress.terminated_at.value_or(now);
  json::object_writer out{text};
  out.raw("active_seconds", seconds(active));
  out.raw("duration_seconds", seconds((end - header.definition->created_at).count()));
  out.close();
}

/// Every field of BetaManagedAgentsSessionUsage, and the count that spans tell.
void append_usage(std::string& text, const session_progress& progress) {
  const auto& usage = progress.tip.usage;
  const auto& details = progress.details;
  const auto told = [](const std::string& json, std::string_view otherwise) {
    return json.empty() ? otherwise : std::string_view{json};
  };
  json::object_writer out{text};
  out.number("input_tokens", usage.input_tokens);
  out.number("output_tokens", usage.output_tokens);
  out.number("cache_read_input_tokens", usage.cache_read_input_tokens);
  out.number("cache_creation_input_tokens", usage.cache_creation_input_tokens);
  // By lifetime, and the others: only a session.usage tells.
  out.raw("cache_creation", told(details.cache_creation, "{}"));
  out.raw("server_tool_use", told(details.server_tool_use, "null"));
  out.raw("list_cost", told(details.list_cost, "null"));
  // As of the last event, as all of these are: stats tell the time that runs.
  out.raw("active_seconds", seconds(progress.active_ms));
  out.close();
}

void append_without_token(std::string& text, const json::value& resource) {
  if (!resource.is(json::kind::object)) {
    text += resource.text();
    return;
  }
  json::object_writer out{text};
  resource.for_each_member([&](std::string_view, const std::string& key, const json::value& v) {
    if (key != "authorization_token") out.raw(key, v.text());
  });
  out.close();
}

/// The youngest that fit into `room` bytes; older ones are left out.
void append_outcomes(std::string& text, const std::vector<outcome_state>& outcomes, std::size_t room) {
  std::vector<std::string> shown;
  for (auto i = outcomes.rbegin(); i != outcomes.rend(); ++i) {
    std::string one;
    append_outcome(one, *i);
    if (one.size() + 1 > room) break;
    room -= one.size() + 1;
    shown.push_back(std::move(one));
  }
  std::ranges::reverse(shown);
  json::append_array(text, shown, [&](const std::string& one) { text += one; });
}

/// `resources`: an array.
void append_without_tokens(std::string& text, const std::string& resources) {
  text += '[';
  json::value{resources}.for_each_element([&](std::size_t index, const json::value& resource) {
    if (index > 0) text += ',';
    append_without_token(text, resource);
  });
  text += ']';
}

}  // namespace

std::string render_session(const session_header& header, timestamp now, secrets shows) {
  const auto& d = *header.definition;
  const auto& p = header.progress;
  std::string text;
  text.reserve(1024 + d.agent.size() + d.resources.size());
  json::object_writer out{text};
  out.text("id", d.id);
  out.text("type", "session");
  out.text("status", to_string(p.status));
  out.text_or_null("title", d.title);
  out.raw("agent", d.agent);
  out.text("agent_id", d.agent_id);
  out.number("agent_version", d.agent_version);
  out.text("environment_id", d.environment_id);
  out.text_or_null("deployment_id", d.deployment_id);
  json::object_writer bag{out.member_name("metadata")};
  for (const auto& [key, value] : d.metadata) bag.text(key, value);
  bag.close();
  if (shows == secrets::shown)
    out.raw("resources", d.resources);
  else
    append_without_tokens(out.member_name("resources"), d.resources);
  out.raw("vault_ids", d.vault_ids);
  out.raw("budget", d.budget);
  append_stats(out.member_name("stats"), header, now);
  append_usage(out.member_name("usage"), p);
  append_log_end(out.member_name("log"), p.tip.last_seq, p.tip.last_id, p.tip.head);
  out.text("created_at", format_timestamp(d.created_at));
  out.text("updated_at", format_timestamp(p.tip.updated_at));
  put_time_or_null(out, "archived_at", d.archived_at);
  if (!d.expires_at.empty()) out.text("expires_at", d.expires_at);
  constexpr std::string_view others = R"(,"outcome_evaluations":[]})";
  append_outcomes(out.member_name("outcome_evaluations"), p.outcomes,
                  max_session_bytes - std::min(max_session_bytes, text.size() + others.size()));
  append_pending(out.member_name("pending"), p.pending);
  out.close();
  return text;
}

void append_pending(std::string& text, const std::vector<pending_tool_use>& pending) {
  const auto shown = std::span{pending}.first(std::min(pending.size(), max_pending_shown));
  json::append_array(text, shown, [&](const pending_tool_use& use) {
    json::object_writer out{text};
    out.text("id", use.id);
    out.text("type", name_of(use.type));
    if (use.name.empty())
      out.raw("name", "null");
    else
      out.text("name", use.name);
    out.close();
  });
}

void append_log_end(std::string& text, seq_t last_seq, const std::string& last_id, const digest& head) {
  json::object_writer out{text};
  out.number("events", static_cast<std::int64_t>(last_seq));
  if (last_id.empty())
    out.raw("last_event_id", "null");
  else
    out.text("last_event_id", last_id);
  out.text("head", format_head(head));
  out.close();
}

result<void> check_size(const session_definition& definition) {
  // What events add beside outcomes: counts, times, ids and details of usage, at their longest.
  constexpr std::size_t room_for_progress = 2048;
  const auto bytes = render_session({definition, {}}, {}, secrets::shown).size() + room_for_progress;
  if (bytes <= max_session_bytes) return {};
  return {errc::too_large,
          fmt::format(
              "the session object would have {} bytes with what events add to it, the limit is {} (256 KiB)",
              bytes, max_session_bytes)};
}

}  // namespace sandbase
