// SPDX-License-Identifier: Apache-2.0
// Parsing of the bodies that make and change sessions.
#include "events/event/draft_reader.hpp"
#include "events/event/field_reader.hpp"
#include "events/json/json_document.hpp"
#include "events/json/json_writer.hpp"
#include "events/session/agent_snapshot.hpp"
#include "events/session/session.hpp"

#include <algorithm>

namespace sandbase {

namespace {

using json::kind;

void read_vault_ids(field_reader& in, std::string& to) {
  const auto given = in.get("vault_ids", kind::array);
  if (!given) return;
  const field_path path{in.path(), "vault_ids"};
  given->for_each_element([&](std::size_t index, const json::value& v) {
    if (!v.is(kind::string)) in.blame(invalid_at({path, index}, "must be a string"));
    return in.good();
  });
  to = json::compact(given->text());
}

/// What a create body and an import header have in common.
void read_definition(field_reader& in, session_definition& d) {
  in.require("agent");
  in.require("environment_id");
  if (const auto agent = in.find("agent")) {
    auto snapshot = read_agent(*agent, {in.path(), "agent"});
    if (!snapshot) return in.blame(std::move(snapshot).error());
    d.agent_id = snapshot->id;
    d.agent_version = snapshot->version;
    d.agent = std::move(snapshot->json);
  }
  in.reference("environment_id", d.environment_id);
  in.text("title", d.title);
  for (auto& [key, value] : read_metadata(in, false))
    d.metadata.emplace_back(std::move(key), *std::move(value));
  if (d.metadata.size() > max_metadata_pairs) in.blame("metadata", "must have at most 16 pairs");
  in.raw("resources", kind::array, d.resources);
  read_vault_ids(in, d.vault_ids);
  in.raw("budget", kind::object, d.budget);
  std::optional<timestamp> expires_at;
  in.time("expires_at", expires_at);
  if (expires_at) in.text("expires_at", d.expires_at);
  std::string deployment_id;
  in.reference("deployment_id", deployment_id);
  if (!deployment_id.empty()) d.deployment_id = std::move(deployment_id);
}

}  // namespace

result<create_request> parse_create_request(std::string_view body, role by, const send_limits& limits) {
  const auto document = json::document::read_body(body);
  if (!document) return document.error();
  const field_path root;
  field_reader in{document->root(), root};
  create_request request;
  read_definition(in, request.definition);
  if (!in.good()) return in.error();
  if (const auto events = in.find("initial_events"); events && !events->is(kind::null)) {
    auto fewer = limits;
    fewer.max_events = std::min(limits.max_events, max_initial_events);
    auto drafts = read_events(*events, {root, "initial_events"}, by, fewer);
    if (!drafts) return std::move(drafts).error();
    request.initial_events = *std::move(drafts);
  }
  return request;
}

result<imported_header> parse_import_header(std::string_view line) {
  const auto document = json::document::read_wrapped(line);
  if (!document) return document.error();
  const field_path root;
  field_reader outer{document->root(), root};
  imported_header header;
  outer.reference("workspace", header.workspace);
  outer.require("session");
  const auto session = outer.get("session", kind::object);
  if (!session) return outer.error();

  const field_path path{root, "session"};
  field_reader in{*session, path};
  auto& d = header.definition;
  in.require("id");
  in.text("id", d.id);
  if (in.good() && !is_valid_id(d.id)) in.blame("id", "must be letters, '_', then 1 to 64 letters or digits");
  read_definition(in, d);
  std::optional<timestamp> created_at;
  in.time("created_at", created_at);
  if (created_at) d.created_at = *created_at;
  in.time("archived_at", d.archived_at);
  if (const auto log = in.get("log", kind::object)) {
    const field_path log_path{path, "log"};
    field_reader log_in{*log, log_path};
    std::optional<std::string> head;
    log_in.text("head", head);
    if (head) {
      header.expected_head = parse_head(*head);
      if (!header.expected_head) log_in.blame("head", "must be \"sha256:\" and 64 hex digits in lower case");
    }
    std::int64_t events = -1;
    log_in.integer("events", events, 0);
    if (events >= 0) header.expected_events = static_cast<seq_t>(events);
    log_in.text("last_event_id", header.expected_last_id);
    if (!log_in.good()) in.blame(log_in.error());
  }
  if (!outer.good()) return outer.error();
  if (!in.good()) return in.error();
  return header;
}

result<update_request> parse_update_request(std::string_view body) {
  const auto document = json::document::read_body(body);
  if (!document) return document.error();
  const field_path root;
  field_reader in{document->root(), root};
  update_request request;
  request.has_title = in.find("title").has_value();
  in.text("title", request.title);
  request.has_metadata = in.get("metadata", kind::object).has_value();
  request.metadata = read_metadata(in, true);
  if (const auto agent = in.get("agent", kind::object)) {
    const field_path path{root, "agent"};
    field_reader agent_in{*agent, path};
    agent_in.raw("tools", kind::array, request.tools);
    agent_in.raw("mcp_servers", kind::array, request.mcp_servers);
    if (!agent_in.good()) in.blame(agent_in.error());
  }
  if (const auto vaults = in.find("vault_ids"); vaults && !vaults->is(kind::null))
    in.blame("vault_ids", "cannot be changed");
  if (const auto budget = in.find("budget"); budget && budget->is(kind::null))
    request.budget = "null";
  else
    in.raw("budget", kind::object, request.budget);
  if (!in.good()) return in.error();
  return request;
}

result<std::string> apply_update(session_definition& definition, const update_request& update) {
  auto metadata = definition.metadata;
  for (const auto& [key, value] : update.metadata) {
    const auto found = std::ranges::find(metadata, key, &std::pair<std::string, std::string>::first);
    if (found != metadata.end() && value)
      found->second = *value;
    else if (found != metadata.end())
      metadata.erase(found);
    else if (value)
      metadata.emplace_back(key, *value);
  }
  if (metadata.size() > max_metadata_pairs)
    return invalid_at(field_path{"metadata"},
                      "must have at most 16 pairs, with those that are there already");

  std::string object;
  json::object_writer out{object};
  if (update.has_title && update.title != definition.title) {
    definition.title = update.title;
    out.text_or_null("title", definition.title);
  }
  if (metadata != definition.metadata) {
    definition.metadata = std::move(metadata);
    json::object_writer bag{out.member_name("metadata")};
    for (const auto& [key, value] : definition.metadata) bag.text(key, value);
    bag.close();
  }
  if (auto agent = with_tools(definition.agent, update.tools, update.mcp_servers);
      agent != definition.agent) {
    definition.agent = std::move(agent);
    out.raw("agent", definition.agent);
  }
  if (!update.budget.empty() && update.budget != definition.budget) {
    definition.budget = update.budget;
    out.raw("budget", definition.budget);
  }
  return object.substr(1);  // the members without the braces
}

fingerprint fingerprint_of(const create_request& request) {
  fingerprints parts;
  parts.add(request.definition.encode());
  parts.add(fingerprint_of(request.initial_events));
  return parts.all();
}

}  // namespace sandbase
