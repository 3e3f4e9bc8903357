// List Sessions, in pages that can be turned both ways.
#include "events/json_text.hpp"
#include "http/api/api.hpp"
#include "http/wire/page_token.hpp"

#include <algorithm>

namespace sandbase {

namespace {

struct list_plan {
  session_query query;
  /// Order of the list; the query runs the other way for a previous page.
  bool ascending = false;
  bool previous = false;
  /// A page token was given.
  bool continued = false;
};

result<void> read_filters(const query& q, session_query& into) {
  for (const auto& name : q.list("statuses")) {
    const auto status = status_from(name);
    if (!status) return {errc::invalid, "statuses: `" + name + "` is not a status"};
    into.statuses.push_back(*status);
  }
  auto agent = q.single("agent_id");
  if (!agent) return agent.error();
  into.agent_id = agent->value_or("");
  if (q.has("agent_version")) {
    auto version = q.number("agent_version", 0, std::numeric_limits<std::int64_t>::max(), 0);
    if (!version) return version.error();
    into.agent_version = static_cast<std::int64_t>(*version);
  }
  auto archived = q.flag("include_archived", false);
  if (!archived) return archived.error();
  into.include_archived = *archived;
  auto created = time_range::parse(q, "created_at");
  if (!created) return created.error();
  into.created_gt = created->gt;
  into.created_gte = created->gte;
  into.created_lt = created->lt;
  into.created_lte = created->lte;
  return {};
}

result<list_plan> read_plan(const exchange& e) {
  const auto& q = e.parameters;
  list_plan plan;
  plan.query.workspace = e.key->workspace;
  auto limit = q.number("limit", 1, 100, 20);
  if (!limit) return limit.error();
  plan.query.limit = *limit;
  if (auto good = read_filters(q, plan.query); !good) return good.error();
  auto token = q.single("page");
  if (!token) return token.error();
  std::optional<session_list_page> page;
  if (*token) {
    page = session_list_page::decode(**token);
    if (!page) return {errc::invalid, "page: not a page of this list"};
    plan.continued = true;
    plan.previous = page->previous;
    plan.query.after = {page->created_at, page->key};
  }
  auto ascending = q.ascending(page && page->ascending);
  if (!ascending) return ascending.error();
  if (page && page->ascending != *ascending)
    return {errc::invalid, "order: differs from the order that `page` belongs to"};
  plan.ascending = *ascending;
  plan.query.ascending = plan.previous ? !plan.ascending : plan.ascending;
  return plan;
}

std::string token_of(const session_row& row, const list_plan& plan, bool previous) {
  return json::quoted(
      session_list_page{plan.ascending, previous, row.header.definition.created_at, row.key}.encode());
}

std::string render_list(session_list found, const list_plan& plan, timestamp now, secrets shows) {
  auto& rows = found.rows;
  if (plan.previous) std::reverse(rows.begin(), rows.end());
  std::string out = R"({"data":[)";
  for (const auto& row : rows) {
    if (row != rows.front()) out.push_back(',');
    out.append(render_session(row->header, now, shows));
  }
  // In the direction walked `more` tells; in the other one there is the page that the client came from.
  const bool has_next = !rows.empty() && (plan.previous || found.more);
  const bool has_previous = !rows.empty() && (plan.previous ? found.more : plan.continued);
  out.append(R"(],"next_page":)").append(has_next ? token_of(*rows.back(), plan, false) : "null");
  out.append(R"(,"prev_page":)").append(has_previous ? token_of(*rows.front(), plan, true) : "null");
  return out + "}";
}

}  // namespace

void list_sessions_call(call& c) {
  auto plan = read_plan(c.current());
  if (!plan) return c.fail(plan.error());
  c.ask<session_list>(c.shared().reader(c.shard().next_reader++), list_sessions{plan->query},
                      [&c, plan = *plan](const result<session_list>& found) {
                        if (!found) return c.fail(found.error());
                        const auto shows = secrets_for(c.current().key->may);
                        c.answer(render_list(*found, plan, c.shared().now(), shows));
                      });
}

}  // namespace sandbase
