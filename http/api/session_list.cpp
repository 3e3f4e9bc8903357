// SPDX-License-Identifier: Apache-2.0
#include "http/api/session_list.hpp"

#include "events/json/json_text.hpp"
#include "http/wire/page_token.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <limits>

namespace sandbase {

namespace {

/// A value that narrows the list: an empty one would be all of it.
result<std::string> read_name(const query& q, std::string_view name) {
  auto value = q.single(name);
  if (!value) return value.error();
  if (*value && (*value)->empty()) return {errc::invalid, fmt::format("{}: must not be empty", name)};
  return std::move(*value).value_or("");
}

}  // namespace

result<session_query> read_session_filters(const query& q, workspace_key workspace) {
  session_query into;
  into.workspace = workspace;
  const auto statuses = q.list("statuses");
  if (statuses.empty() && !q.all("statuses").empty()) return {errc::invalid, "statuses: must not be empty"};
  for (const auto& name : statuses) {
    const auto status = status_from(name);
    if (!status) return {errc::invalid, fmt::format("statuses: `{}` is not a status", name)};
    into.statuses.push_back(*status);
  }
  auto agent = read_name(q, "agent_id");
  if (!agent) return agent.error();
  into.agent_id = *std::move(agent);
  if (q.has("agent_version")) {
    auto version = q.number("agent_version", 0, std::numeric_limits<std::int64_t>::max(), 0);
    if (!version) return version.error();
    into.agent_version = static_cast<std::int64_t>(*version);
  }
  auto store = read_name(q, "memory_store_id");
  if (!store) return store.error();
  into.memory_store_id = *std::move(store);
  auto deployment = read_name(q, "deployment_id");
  if (!deployment) return deployment.error();
  into.deployment_id = *std::move(deployment);
  auto archived = q.flag("include_archived", false);
  if (!archived) return archived.error();
  into.include_archived = *archived;
  auto created = q.times("created_at");
  if (!created) return created.error();
  // Sessions are created at whole milliseconds.
  if (created->gt) into.created_gt = created->gt->ms;
  if (created->gte) into.created_gte = round_up(*created->gte);
  if (created->lt) into.created_lt = round_up(*created->lt);
  if (created->lte) into.created_lte = created->lte->ms;
  return into;
}

result<session_list_plan> session_list_plan::parse(const sandbase::query& q, workspace_key workspace,
                                                   std::string_view secret) {
  auto filters = read_session_filters(q, workspace);
  if (!filters) return filters.error();
  session_list_plan plan;
  plan.query = *std::move(filters);
  auto limit = q.number("limit", 1, 100, 20);
  if (!limit) return limit.error();
  plan.query.limit = *limit;
  auto token = q.filled("page");
  if (!token) return token.error();
  std::optional<session_list_page> page;
  if (*token) {
    page = session_list_page::decode(**token, secret, workspace);
    if (!page) return {errc::invalid, "page: not a page of this list"};
    plan.continued = true;
    plan.previous = page->previous;
    plan.query.after = page->at;
  }
  auto ascending = q.ascending(page && page->ascending);
  if (!ascending) return ascending.error();
  if (page && page->ascending != *ascending)
    return {errc::invalid, "order: differs from the order that `page` belongs to"};
  plan.ascending = *ascending;
  plan.query.ascending = plan.previous ? !plan.ascending : plan.ascending;
  return plan;
}

outbox render_session_list(const session_list_plan& plan, const session_list& found,
                           std::string_view secret) {
  outbox out;
  out.add(R"({"data":[)");
  const auto add = [&, first = true](const std::shared_ptr<const std::string>& item) mutable {
    if (!std::exchange(first, false)) out.add(",");
    out.add(*item, item);
  };
  if (plan.previous)
    std::for_each(found.items.rbegin(), found.items.rend(), add);
  else
    std::for_each(found.items.begin(), found.items.end(), add);
  const auto token = [&](const session_place& at, bool previous) {
    return json::quoted(session_list_page{plan.ascending, previous, at}.encode(secret, plan.query.workspace));
  };
  // In the direction walked `more` tells; in the other one there is the page that the client came from.
  const bool any = !found.items.empty();
  const bool has_next = any && (plan.previous || found.more);
  const bool has_previous = any && (plan.previous ? found.more : plan.continued);
  out.add(R"(],"next_page":)" + (has_next ? token(plan.previous ? found.first : found.last, false) : "null"));
  out.add(R"(,"prev_page":)" +
          (has_previous ? token(plan.previous ? found.last : found.first, true) : "null"));
  out.add("}");
  return out;
}

}  // namespace sandbase
