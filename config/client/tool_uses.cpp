// SPDX-License-Identifier: Apache-2.0
#include "config/client/tool_uses.hpp"

#include "events/json/json_members.hpp"

#include <algorithm>

namespace sandbase {

unconfirmed_uses::unconfirmed_uses(const json::value& session) {
  json::for_each_in(session, "pending", [&](const json::value& use) {
    auto type = json::text_member(use, "type");
    // A custom tool's waits for its result only.
    if (type != "agent.tool_use" && type != "agent.mcp_tool_use") return;
    auto id = json::text_member(use, "id");
    pending_.push_back(id);
    waiting_.push_back({std::move(id), std::move(type), json::text_member(use, "name")});
  });
  unseen_ = pending_.size();
}

void unconfirmed_uses::remove(std::string_view id) {
  std::erase_if(waiting_, [&](const tool_use& use) { return use.id == id; });
}

void unconfirmed_uses::add(const json::value& event) {
  if (json::text_member(event, "type") == "user.tool_confirmation") {
    remove(json::text_member(event, "tool_use_id"));
    return;
  }
  const auto id = json::text_member(event, "id");
  if (std::ranges::find(pending_, id) == pending_.end()) return;
  --unseen_;
  const auto permission = json::text_member(event, "evaluated_permission");
  if (!permission.empty() && permission != "ask") remove(id);
}

result<std::vector<tool_use>> find_unconfirmed(service_client& client, std::string_view session) {
  const auto object = client.get(session_path(session));
  if (!object) return object.error();
  unconfirmed_uses uses{object->root()};
  query_parameters parameters{{"types", "agent.tool_use,agent.mcp_tool_use,user.tool_confirmation"},
                              {"order", "desc"}};
  std::string page;
  do {
    if (uses.is_complete()) break;
    auto with_page = parameters;
    if (!page.empty()) with_page.emplace_back("page", page);
    const auto events = client.get(with_query(session_path(session, "/events"), with_page));
    if (!events) return events.error();
    json::for_each_in(events->root(), "data", [&](const json::value& event) { uses.add(event); });
    page = json::text_member(events->root(), "next_page");
  } while (!page.empty());
  return uses.found();
}

}  // namespace sandbase
