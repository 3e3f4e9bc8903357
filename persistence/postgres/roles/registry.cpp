// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/registry.hpp"

#include "persistence/postgres/tables/session_table.hpp"

/// SQL: what read_nodes() reads.
#define SANDBASE_NODE_COLUMNS                                                                                \
  "n.id, n.name, n.address, greatest(0, extract(epoch FROM clock_timestamp() - n.seen_at) * 1000)::bigint, " \
  "n.written, n.followed, n.mirrored, n.streams, n.links"

namespace sandbase::postgres {

namespace {

// Whether there is a row is the writers' to say: one that has gone with the last of them must not come back.
const statement announce{"announce_node",
                         "UPDATE nodes SET seen_at = clock_timestamp(), name = $2::text, "
                         "address = $3::text, written = $4::bigint, followed = $5::bigint, "
                         "mirrored = $6::bigint, streams = $7::bigint, links = $8::bigint WHERE id = "
                         "$1::bigint"};
const statement find_nodes{"find_nodes", "SELECT " SANDBASE_NODE_COLUMNS
                                         " FROM nodes n WHERE " SANDBASE_IS_SEEN("n") " ORDER BY n.id"};
const statement list_nodes{"list_nodes", "SELECT " SANDBASE_NODE_COLUMNS " FROM nodes n ORDER BY n.id"};
const statement find_writer{"find_writer", "SELECT writer FROM tips WHERE session = $1::bigint"};

std::vector<node_record> read_nodes(const rows& found) {
  std::vector<node_record> all;
  for (int i = 0; i < found.count(); ++i)
    all.push_back({found.integer(i, 0),
                   found.text(i, 1),
                   found.text(i, 2),
                   std::chrono::milliseconds{found.integer(i, 3)},
                   {found.integer(i, 4), found.integer(i, 5), found.integer(i, 6), found.integer(i, 7),
                    found.integer(i, 8)}});
  return all;
}

class registry final : public node_registry {
 public:
  registry(const conninfo& where, std::shared_ptr<const writer_group> group, announcement own)
      : db_(where, "nodes"), group_(std::move(group)), own_(std::move(own)) {}

  node_id self() const override { return group_->presence.id(); }

  result<std::vector<node_record>> renew(const node_report& own) override {
    return attempt([&] {
      unwrap(group_->presence.may_write());
      pipeline calls;
      calls.add(announce, parameters{self(), own_.name, own_.address, own.written, own.followed, own.mirrored,
                                     own.streams, own.links});
      calls.add(find_nodes);
      return read_nodes(db_.run(calls).back());
    });
  }

 private:
  connection db_;
  const std::shared_ptr<const writer_group> group_;
  const announcement own_;
};

}  // namespace

std::vector<node_record> all_nodes(connection& db) { return read_nodes(db.run(list_nodes)); }

std::optional<node_id> writer_of(connection& db, session_key session) {
  const auto found = db.run(find_writer, parameters{session});
  return found.count() == 0 ? std::nullopt : std::optional{node_of(found.integer(0, 0))};
}

result<std::unique_ptr<node_registry>> open_node_registry(const conninfo& where,
                                                          std::shared_ptr<const writer_group> group,
                                                          announcement own) {
  return attempt([&]() -> std::unique_ptr<node_registry> {
    return std::make_unique<registry>(where, std::move(group), std::move(own));
  });
}

}  // namespace sandbase::postgres
