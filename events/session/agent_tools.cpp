// SPDX-License-Identifier: Apache-2.0
#include "events/session/agent_tools.hpp"

#include "events/json/json_defaults.hpp"
#include "events/json/json_writer.hpp"

#include <array>
#include <optional>

namespace sandbase {

namespace {

using json::kind;
using json::member_text;
using json::value;

constexpr std::string_view agent_toolset = "agent_toolset_";
constexpr std::string_view always_allow = R"({"type":"always_allow"})";
constexpr std::string_view always_ask = R"({"type":"always_ask"})";

bool lacks(const std::optional<value>& v) { return !v || v->is(kind::null); }

/// The array with each of its objects as `complete` makes it.
template <class F>
std::string map_objects(const value& array, F&& complete) {
  std::string out = "[";
  array.for_each_element([&](std::size_t index, const value& v) {
    if (index > 0) out += ',';
    if (v.is(kind::object))
      out += complete(v);
    else
      out += v.text();
  });
  out += ']';
  return out;
}

/// A set of tools: what is not said of one of them is as its default config says.
std::string complete_toolset(const value& set, std::string_view usual_policy) {
  const std::array usual{member_text{"enabled", "true"},
                         member_text{"permission_policy", std::string{usual_policy}}};
  const auto given = set.find("default_config");
  if (!lacks(given) && !given->is(kind::object)) return std::string{set.text()};
  const auto config = json::with_defaults(lacks(given) ? value{"{}"} : *given, usual);
  const value default_config{config};
  const std::array of_a_tool{
      member_text{"enabled", std::string{default_config.find("enabled")->text()}},
      member_text{"permission_policy", std::string{default_config.find("permission_policy")->text()}}};
  const auto configs = set.find("configs");
  if (!lacks(configs) && !configs->is(kind::array)) return std::string{set.text()};
  const std::array members{member_text{"configs", lacks(configs) ? "[]"
                                                                 : map_objects(*configs,
                                                                               [&](const value& tool) {
                                                                                 return json::with_defaults(
                                                                                     tool, of_a_tool);
                                                                               })},
                           member_text{"default_config", config}};
  return json::with_members(set, members);
}

std::string complete_custom_tool(const value& tool) {
  const auto schema = tool.find("input_schema");
  if (!schema || !schema->is(kind::object)) return std::string{tool.text()};
  const std::array object{member_text{"type", R"("object")"}};
  const std::array members{member_text{"input_schema", json::with_defaults(*schema, object)}};
  return json::with_members(tool, members);
}

std::string complete_tool(const value& tool) {
  const auto type = tool.find("type");
  if (!type || !type->is(kind::string)) return std::string{tool.text()};
  const auto name = type->as_string();
  if (name.starts_with(agent_toolset)) return complete_toolset(tool, always_allow);
  if (name == "mcp_toolset") return complete_toolset(tool, always_ask);
  if (name == "custom") return complete_custom_tool(tool);
  return std::string{tool.text()};
}

}  // namespace

std::string complete_tools(std::string_view tools) { return map_objects(value{tools}, complete_tool); }

std::string complete_skills(std::string_view skills) {
  const std::array latest{member_text{"version", R"("latest")"}};
  return map_objects(value{skills}, [&](const value& skill) {
    return skill.find("skill_id") ? json::with_defaults(skill, latest) : std::string{skill.text()};
  });
}

}  // namespace sandbase
