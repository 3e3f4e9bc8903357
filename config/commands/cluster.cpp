// SPDX-License-Identifier: Apache-2.0
#include "actors/placement/placement.hpp"
#include "config/commands/commands.hpp"
#include "config/commands/listing.hpp"
#include "config/commands/tool.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

using nodes = std::vector<node_record>;

/// Not seen for longer, a server takes nothing.
constexpr std::chrono::seconds is_there{10};

/// A server without links has no name.
std::string name_of(const nodes& all, node_id id) {
  const auto found = std::ranges::find(all, id, &node_record::id);
  return found != all.end() && !found->name.empty() ? found->name : id == 0 ? "" : std::to_string(id);
}

int show_nodes(const nodes& all, bool as_json) {
  listing list{
      {"node", "id", "links_at", "seen_ms_ago", "links", "written", "followed", "pushed_to", "streams"},
      as_json};
  for (const auto& n : all)
    list.add({name_of(all, n.id), std::to_string(n.id), n.address, std::int64_t{n.unseen.count()},
              n.report.links, n.report.written, n.report.followed, n.report.mirrored, n.report.streams});
  return list.print();
}

int show_session(store_admin& store, const nodes& all, const std::string& id, bool as_json) {
  const auto found = store.find_sessions(id);
  if (!found) return report(found.error(), exit_failed);
  if (found->empty()) return report({errc::not_found, fmt::format("no session \"{}\"", id)}, exit_failed);
  std::vector<node_id> reachable;
  for (const auto& n : all)
    if (!n.address.empty() && n.unseen < is_there) reachable.push_back(n.id);
  listing list{{"session", "events", "writer", "owner"}, as_json};
  for (const auto& row : *found) {
    const auto writer = store.find_writer(row.key);
    if (!writer) return report(writer.error(), exit_failed);
    list.add({id, static_cast<std::int64_t>(row.header.progress.tip.last_seq),
              name_of(all, writer->value_or(0)), name_of(all, owner_among(reachable, row.key))});
  }
  return list.print();
}

}  // namespace

int run_cluster_status(const cluster_status_command& command, const server_options& options) {
  if (options.store.url.starts_with("sqlite:"))
    return report({errc::invalid, "store.url: a SQLite store has one server, and no cluster"}, exit_refused);
  auto store = open_for_command(options, store_use::read);
  if (!store) return report(store.error(), exit_refused);
  const auto all = store->admin->list_nodes();
  if (!all) return report(all.error(), exit_failed);
  if (command.session.empty()) return show_nodes(*all, command.as_json);
  return show_session(*store->admin, *all, command.session, command.as_json);
}

}  // namespace sandbase
