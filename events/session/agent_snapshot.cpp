// SPDX-License-Identifier: Apache-2.0
#include "events/session/agent_snapshot.hpp"

#include "events/event/event_rules.hpp"
#include "events/event/field_reader.hpp"
#include "events/json/json_writer.hpp"
#include "events/session/agent_tools.hpp"

namespace sandbase {

namespace {

using json::kind;

/// The model: its name, or an object with an `id`.
std::string read_model(field_reader& from) {
  const auto given = from.find("model");
  if (!given || given->is(kind::null)) return R"({"id":"unknown"})";
  if (given->is(kind::object)) {
    const field_path at{from.path(), "model"};
    field_reader model{*given, at};
    std::string id;
    model.require("id");
    model.text("id", id);
    if (!model.good()) from.blame(model.error());
    return json::compact(given->text());
  }
  if (!given->is(kind::string)) from.blame("model", "must be a string or an object");
  std::string out;
  json::object_writer model{out};
  model.raw("id", given->text());
  model.close();
  return out;
}

std::string read_text_or_null(field_reader& from, std::string_view name) {
  std::optional<std::string> given;
  from.text(name, given);
  return given ? json::quoted(*given) : "null";
}

std::string read_raw(field_reader& from, std::string_view name, kind expected, std::string_view otherwise) {
  std::string out{otherwise};
  from.raw(name, expected, out);
  return out;
}

/// The fields beside id and version.
struct details {
  std::string name;
  std::string description = "null";
  std::string model = R"({"id":"unknown"})";
  std::string system = "null";
  std::string tools = "[]";
  std::string mcp_servers = "[]";
  std::string skills = "[]";
  std::string multiagent = "null";
  std::string execution_identity = R"({"type":"service_account"})";
};

std::string render(const agent_snapshot& agent, const details& d) {
  std::string text;
  json::object_writer out{text};
  out.text("id", agent.id);
  out.text("type", "agent");
  out.number("version", agent.version);
  out.text("name", d.name.empty() ? agent.id : d.name);
  out.raw("description", d.description);
  out.raw("model", d.model);
  out.raw("system", d.system);
  out.raw("tools", d.tools);
  out.raw("mcp_servers", d.mcp_servers);
  out.raw("skills", d.skills);
  out.raw("multiagent", d.multiagent);
  out.raw("execution_identity", d.execution_identity);
  out.close();
  return text;
}

}  // namespace

result<agent_snapshot> read_agent(const json::value& given, const field_path& path) {
  agent_snapshot agent;
  if (given.is(kind::string)) {
    agent.id = given.as_string();
    if (const auto fault = fault_of_reference(given); !fault.empty()) return invalid_at(path, fault);
    agent.json = render(agent, {});
    return agent;
  }
  if (!given.is(kind::object)) return invalid_at(path, "must be an agent's id or an object with one");

  field_reader in{given, path};
  in.require("id");
  in.reference("id", agent.id);
  in.integer("version", agent.version, 1);
  std::string type = "agent";
  in.text("type", type);
  if (type != "agent" && type != "agent_with_overrides")
    in.blame("type", "must be \"agent\" or \"agent_with_overrides\"");
  details d;
  in.text("name", d.name);
  d.description = read_text_or_null(in, "description");
  d.model = read_model(in);
  d.system = read_text_or_null(in, "system");
  d.tools = complete_tools(read_raw(in, "tools", kind::array, d.tools));
  d.mcp_servers = read_raw(in, "mcp_servers", kind::array, d.mcp_servers);
  d.skills = complete_skills(read_raw(in, "skills", kind::array, d.skills));
  d.multiagent = read_raw(in, "multiagent", kind::object, d.multiagent);
  d.execution_identity = read_raw(in, "execution_identity", kind::object, d.execution_identity);
  if (!in.good()) return in.error();
  agent.json = render(agent, d);
  return agent;
}

std::string with_tools(std::string_view agent, std::string_view tools, std::string_view mcp_servers) {
  std::string text;
  json::object_writer out{text};
  json::value{agent}.for_each_member([&](std::string_view, std::string_view key, const json::value& v) {
    if (key == "tools" && !tools.empty())
      out.raw(key, complete_tools(tools));
    else if (key == "mcp_servers" && !mcp_servers.empty())
      out.raw(key, mcp_servers);
    else
      out.raw(key, v.text());
  });
  out.close();
  return text;
}

}  // namespace sandbase
