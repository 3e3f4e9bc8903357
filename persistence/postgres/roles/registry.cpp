// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/registry.hpp"

namespace sandbase::postgres {

namespace {

// Whether there is a row is the writers' to say: one that has gone with the last of them must not come back.
const statement announce{"announce_node",
                         "UPDATE nodes SET seen_at = clock_timestamp(), name = $2::text, "
                         "address = $3::text WHERE id = $1::bigint"};
const statement find_nodes{
    "find_nodes",
    "SELECT n.id, n.name, n.address, greatest(0, extract(epoch FROM clock_timestamp() - n.seen_at) * "
    "1000)::bigint FROM nodes n WHERE " SANDBASE_IS_SEEN("n") " ORDER BY n.id"};

class registry final : public node_registry {
 public:
  registry(const conninfo& where, std::shared_ptr<const writer_group> group, announcement own)
      : db_(where, "nodes"), group_(std::move(group)), own_(std::move(own)) {}

  node_id self() const override { return group_->presence.id(); }

  result<std::vector<node_record>> renew() override {
    return attempt([&] {
      unwrap(group_->presence.may_write());
      pipeline calls;
      calls.add(announce, parameters{self(), own_.name, own_.address});
      calls.add(find_nodes);
      const auto found = db_.run(calls).back();
      std::vector<node_record> all;
      for (int i = 0; i < found.count(); ++i)
        all.push_back({found.integer(i, 0), found.text(i, 1), found.text(i, 2),
                       std::chrono::milliseconds{found.integer(i, 3)}});
      return all;
    });
  }

 private:
  connection db_;
  const std::shared_ptr<const writer_group> group_;
  const announcement own_;
};

}  // namespace

result<std::unique_ptr<node_registry>> open_node_registry(const conninfo& where,
                                                          std::shared_ptr<const writer_group> group,
                                                          announcement own) {
  return attempt([&]() -> std::unique_ptr<node_registry> {
    return std::make_unique<registry>(where, std::move(group), std::move(own));
  });
}

}  // namespace sandbase::postgres
