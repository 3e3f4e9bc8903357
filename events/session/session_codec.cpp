// SPDX-License-Identifier: Apache-2.0
// How the store keeps definitions and progress: JSON objects, read back with every field checked.
#include "events/json/json_writer.hpp"
#include "events/json/line_breaks.hpp"
#include "events/session/session.hpp"

namespace sandbase {

namespace {

using json::kind;

std::int64_t to_ms(timestamp t) { return t.time_since_epoch().count(); }
timestamp from_ms(std::int64_t ms) { return timestamp{std::chrono::milliseconds{ms}}; }

void put_time(json::object_writer& out, std::string_view name, const std::optional<timestamp>& t) {
  if (t) out.number(name, to_ms(*t));
}

std::string encode_usage(const token_usage& usage) {
  std::string text;
  json::object_writer out{text};
  out.number("input", usage.input_tokens);
  out.number("output", usage.output_tokens);
  out.number("cache_read", usage.cache_read_input_tokens);
  out.number("cache_creation", usage.cache_creation_input_tokens);
  out.close();
  return text;
}

std::string encode_tip(const log_tip& tip) {
  std::string text;
  json::object_writer out{text};
  out.number("last_seq", static_cast<std::int64_t>(tip.last_seq));
  out.text("last_id", tip.last_id);
  out.number("last_time", to_ms(tip.last_time.ms));
  if (tip.last_time.nanos != 0) out.number("last_nanos", tip.last_time.nanos);
  out.number("updated_at", to_ms(tip.updated_at));
  out.text("head", format_head(tip.head));
  out.raw("usage", encode_usage(tip.usage));
  out.close();
  return text;
}

constexpr std::pair<std::string_view, std::string usage_details::*> detail_members[] = {
    {"cache_creation", &usage_details::cache_creation},
    {"list_cost", &usage_details::list_cost},
    {"server_tool_use", &usage_details::server_tool_use},
};

/// Reads members of a stored object; the first that is missing or of another kind makes the whole corrupt.
class stored_object {
 public:
  stored_object(const json::value& object, std::string_view what) : object_(object), what_(what) {
    if (!object.is(kind::object)) blame("");
  }

  bool good() const { return error_.code == errc::none; }
  const failure& error() const { return error_; }

  std::optional<json::value> member(std::string_view name, kind expected, bool required = true) {
    if (!good()) return std::nullopt;
    auto found = object_.find(name);
    if (!found && !required) return std::nullopt;
    if (!found || !found->is(expected)) {
      blame(name);
      return std::nullopt;
    }
    return found;
  }

  void read(std::string_view name, std::string& to) {
    if (const auto v = member(name, kind::string)) to = v->as_string();
  }
  void read(std::string_view name, std::int64_t& to) {
    if (const auto n = integer(name, true)) to = *n;
  }
  void read_if_there(std::string_view name, std::int64_t& to) {
    if (const auto n = integer(name, false)) to = *n;
  }
  void read(std::string_view name, bool& to) {
    if (const auto v = member(name, kind::boolean)) to = v->as_bool();
  }
  void read(std::string_view name, timestamp& to) {
    if (const auto n = integer(name, true)) to = from_ms(*n);
  }
  void read(std::string_view name, std::optional<std::string>& to) {
    if (const auto v = member(name, kind::string, false)) to = v->as_string();
  }
  void read(std::string_view name, std::optional<timestamp>& to) {
    if (const auto n = integer(name, false)) to = from_ms(*n);
  }
  void read_json(std::string_view name, std::string& to, std::initializer_list<kind> allowed) {
    if (!good()) return;
    const auto found = object_.find(name);
    for (const auto k : allowed) {
      if (found && found->is(k)) {
        to = found->text();
        return;
      }
    }
    blame(name);
  }

  void blame(std::string_view name) {
    if (!good()) return;
    error_ = {errc::corrupt, std::string{what_} + ": the stored JSON has no good " + json::quoted(name)};
  }

 private:
  std::optional<std::int64_t> integer(std::string_view name, bool required) {
    const auto v = member(name, kind::number, required);
    if (!v) return std::nullopt;
    const auto n = v->as_int();
    if (!n) blame(name);
    return n;
  }

  json::value object_;
  std::string_view what_;
  failure error_;
};

result<void> validate_stored(std::string_view text, std::string_view what) {
  const auto valid = json::validate(text, what);
  if (!valid) return failure{errc::corrupt, valid.error().message};
  return {};
}

/// Reads every element of an array; the first bad one is the error.
template <class T, class F>
result<void> read_elements(stored_object& from, std::string_view name, std::vector<T>& to, F&& read_one) {
  const auto array = from.member(name, kind::array);
  if (!array) return from.error();
  failure error;
  array->for_each_element([&](std::size_t, const json::value& v) {
    stored_object element{v, name};
    T one;
    if (element.good()) read_one(element, one);
    error = element.error();
    to.push_back(std::move(one));
    return element.good();
  });
  if (error.code != errc::none) return error;
  return {};
}

result<log_tip> decode_tip(const json::value& v) {
  stored_object in{v, "tip"};
  log_tip tip;
  std::int64_t last_seq = 0;
  std::string head;
  in.read("last_seq", last_seq);
  in.read("last_id", tip.last_id);
  in.read("last_time", tip.last_time.ms);
  std::int64_t nanos = 0;
  in.read_if_there("last_nanos", nanos);
  if (nanos < 0 || nanos >= 1'000'000) in.blame("last_nanos");
  in.read("updated_at", tip.updated_at);
  in.read("head", head);
  const auto parsed = parse_head(head);
  if (!parsed) in.blame("head");
  if (last_seq < 0) in.blame("last_seq");
  if (const auto usage = in.member("usage", kind::object)) {
    stored_object counts{*usage, "usage"};
    counts.read("input", tip.usage.input_tokens);
    counts.read("output", tip.usage.output_tokens);
    counts.read("cache_read", tip.usage.cache_read_input_tokens);
    counts.read("cache_creation", tip.usage.cache_creation_input_tokens);
    if (!counts.good()) return counts.error();
  }
  if (!in.good()) return in.error();
  tip.last_seq = static_cast<seq_t>(last_seq);
  tip.last_time.nanos = static_cast<std::uint32_t>(nanos);
  tip.head = *parsed;
  return tip;
}

/// A pending use's type, by name.
bool is_tool_use(event_type type) {
  return type == event_type::agent_tool_use || type == event_type::agent_mcp_tool_use ||
         type == event_type::agent_custom_tool_use;
}

}  // namespace

std::string session_definition::encode() const {
  std::string text;
  json::object_writer out{text};
  out.text("id", id);
  out.number("created_at", to_ms(created_at));
  if (title) out.text("title", *title);
  out.text("environment_id", environment_id);
  out.text("agent_id", agent_id);
  out.number("agent_version", agent_version);
  out.raw("agent", agent);
  json::object_writer bag{out.member_name("metadata")};
  for (const auto& [key, value] : metadata) bag.text(key, value);
  bag.close();
  out.raw("resources", resources);
  out.raw("vault_ids", vault_ids);
  out.raw("budget", budget);
  out.text("expires_at", expires_at);
  put_time(out, "archived_at", archived_at);
  if (deployment_id) out.text("deployment_id", *deployment_id);
  out.close();
  return text;
}

result<session_definition> session_definition::decode(std::string_view text) {
  constexpr std::string_view what = "session definition";
  if (auto ok = validate_stored(text, what); !ok) return std::move(ok).error();
  // One from before line breaks were escaped gets into streams through what is rendered from it.
  const auto escaped = escape_line_breaks(text);
  if (escaped) text = *escaped;
  stored_object in{json::value{text}, what};
  session_definition d;
  in.read("id", d.id);
  in.read("created_at", d.created_at);
  in.read("title", d.title);
  in.read("environment_id", d.environment_id);
  in.read("agent_id", d.agent_id);
  in.read("agent_version", d.agent_version);
  in.read_json("agent", d.agent, {kind::object});
  if (const auto bag = in.member("metadata", kind::object)) {
    bag->for_each_member([&](std::string_view, std::string key, const json::value& v) {
      if (!v.is(kind::string)) return in.blame("metadata"), false;
      d.metadata.emplace_back(std::move(key), v.as_string());
      return true;
    });
  }
  in.read_json("resources", d.resources, {kind::array});
  in.read_json("vault_ids", d.vault_ids, {kind::array});
  in.read_json("budget", d.budget, {kind::object, kind::null});
  in.read("expires_at", d.expires_at);
  in.read("archived_at", d.archived_at);
  in.read("deployment_id", d.deployment_id);
  if (!in.good()) return in.error();
  return d;
}

std::string session_progress::encode() const {
  std::string text;
  json::object_writer out{text};
  out.raw("tip", encode_tip(tip));
  out.text("status", to_string(status));
  out.number("active_ms", active_ms);
  put_time(out, "running_since", running_since);
  put_time(out, "terminated_at", terminated_at);
  json::append_array(out.member_name("pending"), pending, [&](const pending_tool_use& use) {
    json::object_writer o{text};
    o.text("id", use.id);
    o.text("type", name_of(use.type));
    o.boolean("awaits_confirmation", use.awaits_confirmation);
    if (!use.name.empty()) o.text("name", use.name);
    o.close();
  });
  json::append_array(out.member_name("outcomes"), outcomes, [&](const outcome_state& outcome) {
    json::object_writer o{text};
    o.text("id", outcome.id);
    o.text("description", outcome.description);
    o.text("result", outcome.result);
    o.text("explanation", outcome.explanation);
    o.number("iteration", outcome.iteration);
    put_time(o, "completed_at", outcome.completed_at);
    o.close();
  });
  if (details != usage_details{}) {
    json::object_writer o{out.member_name("usage_details")};
    for (const auto& [name, member] : detail_members)
      if (!(details.*member).empty()) o.raw(name, details.*member);
    o.close();
  }
  json::append_array(out.member_name("recent_appends"), recent_appends, [&](const append_run& run) {
    json::object_writer o{text};
    o.number("author", run.author);
    o.number("first", static_cast<std::int64_t>(run.first));
    o.number("last", static_cast<std::int64_t>(run.last));
    o.number("at", run.at.time_since_epoch().count());
    o.close();
  });
  out.close();
  return text;
}

result<session_progress> session_progress::decode(std::string_view text) {
  constexpr std::string_view what = "session progress";
  if (auto ok = validate_stored(text, what); !ok) return std::move(ok).error();
  stored_object in{json::value{text}, what};
  session_progress p;
  if (const auto tip = in.member("tip", kind::object)) {
    auto decoded = decode_tip(*tip);
    if (!decoded) return std::move(decoded).error();
    p.tip = *std::move(decoded);
  }
  std::string status;
  in.read("status", status);
  if (const auto known = status_from(status))
    p.status = *known;
  else
    in.blame("status");
  in.read("active_ms", p.active_ms);
  in.read("running_since", p.running_since);
  in.read("terminated_at", p.terminated_at);
  if (!in.good()) return in.error();
  auto uses = read_elements(in, "pending", p.pending, [](stored_object& o, pending_tool_use& use) {
    std::string type;
    o.read("id", use.id);
    o.read("type", type);
    o.read("awaits_confirmation", use.awaits_confirmation);
    std::optional<std::string> name;
    o.read("name", name);
    use.name = std::move(name).value_or("");
    use.type = find_type(type);
    if (!is_tool_use(use.type)) o.blame("type");
  });
  if (!uses) return std::move(uses).error();
  auto states = read_elements(in, "outcomes", p.outcomes, [](stored_object& o, outcome_state& outcome) {
    o.read("id", outcome.id);
    o.read("description", outcome.description);
    o.read("result", outcome.result);
    o.read("explanation", outcome.explanation);
    o.read("iteration", outcome.iteration);
    o.read("completed_at", outcome.completed_at);
  });
  if (!states) return std::move(states).error();
  if (const auto details = in.member("usage_details", kind::object, false)) {
    stored_object told{*details, "usage_details"};
    for (const auto& [name, member] : detail_members)
      if (const auto detail = told.member(name, kind::object, false)) p.details.*member = detail->text();
    if (!told.good()) return told.error();
  }
  auto runs = read_elements(in, "recent_appends", p.recent_appends, [](stored_object& o, append_run& run) {
    std::int64_t first = 0;
    std::int64_t last = 0;
    o.read("author", run.author);
    o.read("first", first);
    o.read("last", last);
    o.read("at", run.at);
    run.first = static_cast<seq_t>(first);
    run.last = static_cast<seq_t>(last);
  });
  if (!runs) return std::move(runs).error();
  return p;
}

}  // namespace sandbase
