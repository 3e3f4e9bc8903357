// SPDX-License-Identifier: Apache-2.0
// How the store keeps definitions and progress: JSON objects, read back with every field checked. What the
// store has is of this form: a field may be added if it can be left out, none may be renamed.
#include "events/json/line_breaks.hpp"
#include "events/session/session.hpp"
#include "events/session/stored_object.hpp"

namespace sandbase {

namespace {

using json::kind;

bool is_tool_use(event_type type) {
  return type == event_type::agent_tool_use || type == event_type::agent_mcp_tool_use ||
         type == event_type::agent_custom_tool_use;
}

result<void> check_stored(std::string_view text, std::string_view what) {
  if (const auto valid = json::validate(text, what); !valid) return {errc::corrupt, valid.error().message};
  return {};
}

}  // namespace

template <>
struct stored_fields<session_definition> {
  static void list(auto& f, auto& d) {
    f("id", d.id);
    f("created_at", d.created_at);
    f("title", d.title);
    f("environment_id", d.environment_id);
    f("agent_id", d.agent_id);
    f("agent_version", d.agent_version);
    f.json("agent", d.agent, {kind::object});
    f.texts("metadata", d.metadata);
    f.json("resources", d.resources, {kind::array});
    f.json("vault_ids", d.vault_ids, {kind::array});
    f.json("budget", d.budget, {kind::object, kind::null});
    f("expires_at", d.expires_at);
    f("archived_at", d.archived_at);
    f("deployment_id", d.deployment_id);
  }
};

template <>
struct stored_fields<token_usage> {
  static void list(auto& f, auto& usage) {
    f("input", usage.input_tokens);
    f("output", usage.output_tokens);
    f("cache_read", usage.cache_read_input_tokens);
    f("cache_creation", usage.cache_creation_input_tokens);
  }
};

template <>
struct stored_fields<log_tip> {
  static void list(auto& f, auto& tip) {
    f("last_seq", tip.last_seq);
    f("last_id", tip.last_id);
    f("last_time", tip.last_time.ms);
    f.unless_default("last_nanos", tip.last_time.nanos);
    f.demand("last_nanos", tip.last_time.nanos < 1'000'000);
    f("updated_at", tip.updated_at);
    f.as_text("head", tip.head, format_head, parse_head);
    f("usage", tip.usage);
  }
};

template <>
struct stored_fields<pending_tool_use> {
  static void list(auto& f, auto& use) {
    f("id", use.id);
    f.as_text("type", use.type, name_of, find_type);
    f.demand("type", is_tool_use(use.type));
    f("awaits_confirmation", use.awaits_confirmation);
    f.unless_default("name", use.name);
  }
};

template <>
struct stored_fields<outcome_state> {
  static void list(auto& f, auto& outcome) {
    f("id", outcome.id);
    f("description", outcome.description);
    f("result", outcome.result);
    f("explanation", outcome.explanation);
    f("iteration", outcome.iteration);
    f("completed_at", outcome.completed_at);
  }
};

template <>
struct stored_fields<usage_details> {
  static void list(auto& f, auto& details) {
    f.json_unless_empty("cache_creation", details.cache_creation, kind::object);
    f.json_unless_empty("list_cost", details.list_cost, kind::object);
    f.json_unless_empty("server_tool_use", details.server_tool_use, kind::object);
  }
};

template <>
struct stored_fields<append_run> {
  static void list(auto& f, auto& run) {
    f("author", run.author);
    f("first", run.first);
    f("last", run.last);
    f("at", run.at);
  }
};

template <>
struct stored_fields<given_answer> {
  static void list(auto& f, auto& answer) {
    f("seq", answer.seq);
    f.as_text("says", answer.says, to_text, read_fingerprint);
  }
};

template <>
struct stored_fields<session_progress> {
  static void list(auto& f, auto& p) {
    f("tip", p.tip);
    f.as_text(
        "status", p.status, [](session_status s) { return to_string(s); }, status_from);
    f("active_ms", p.active_ms);
    f("running_since", p.running_since);
    f("terminated_at", p.terminated_at);
    f("pending", p.pending);
    f.unless_default("answers", p.answers);
    f("outcomes", p.outcomes);
    f.unless_default("usage_details", p.details);
    f("recent_appends", p.recent_appends);
  }
};

std::string session_definition::encode() const { return stored_writer::encode(*this); }

result<session_definition> session_definition::decode(std::string_view text) {
  constexpr std::string_view what = "session definition";
  if (auto valid = check_stored(text, what); !valid) return std::move(valid).error();
  // One from before line breaks were escaped gets into streams through what is rendered from it.
  const auto escaped = escape_line_breaks(text);
  return stored_reader::decode<session_definition>(json::value{escaped ? *escaped : text}, what);
}

std::string log_tip::encode() const { return stored_writer::encode(*this); }

result<log_tip> log_tip::decode(std::string_view text) {
  constexpr std::string_view what = "end of a log";
  if (auto valid = check_stored(text, what); !valid) return std::move(valid).error();
  return stored_reader::decode<log_tip>(json::value{text}, what);
}

std::string session_progress::encode() const { return stored_writer::encode(*this); }

result<session_progress> session_progress::decode(std::string_view text) {
  constexpr std::string_view what = "session progress";
  if (auto valid = check_stored(text, what); !valid) return std::move(valid).error();
  return stored_reader::decode<session_progress>(json::value{text}, what);
}

}  // namespace sandbase
