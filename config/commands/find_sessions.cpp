// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/listing.hpp"
#include "config/commands/service_tool.hpp"
#include "config/commands/session_pages.hpp"
#include "events/json/json_members.hpp"

#include <algorithm>

namespace sandbase {
namespace {

constexpr std::size_t max_page = 100;

void add_row(listing& list, const json::value& session) {
  list.add({json::text_member(session, "id"), json::text_member(session, "agent_id"),
            json::text_member(session, "status"), json::number_member(session, "log", "events"),
            json::text_member(session, "created_at"), json::text_member(session, "updated_at"),
            json::text_member(session, "archived_at"), json::text_member(session, "title")});
}

}  // namespace

result<void> each_session(service_client& client, const query_parameters& filters,
                          std::optional<std::size_t> limit,
                          const std::function<void(const json::value&)>& f) {
  auto left = limit;
  std::string page;
  while (!left || *left > 0) {
    auto parameters = filters;
    parameters.emplace_back("limit", std::to_string(std::min(left.value_or(max_page), max_page)));
    if (!page.empty()) parameters.emplace_back("page", page);
    const auto answer = client.get(with_query("/v1/sessions", parameters));
    if (!answer) return answer.error();
    const auto root = answer->root();
    json::for_each_in(root, "data", [&](const json::value& session) {
      if (left && *left == 0) return;
      f(session);
      if (left) --*left;
    });
    page = json::text_member(root, "next_page");
    if (page.empty()) break;
  }
  return {};
}

int run_find_sessions(const find_sessions_command& command, const service_target& service) {
  return at_service(service, [&](service_client& client) {
    listing list{{"id", "agent", "status", "events", "created", "updated", "archived", "title"},
                 command.as_json};
    const auto found = each_session(client, command.filters, command.limit,
                                    [&](const json::value& session) { add_row(list, session); });
    if (!found) return report(found.error(), exit_failed);
    return list.print();
  });
}

}  // namespace sandbase
