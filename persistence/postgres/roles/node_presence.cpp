// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/node_presence.hpp"

#include "events/ids/event_id.hpp"

namespace sandbase::postgres {

namespace {

const statement renew{"renew_node",
                      "INSERT INTO nodes(id) VALUES($1::bigint) ON CONFLICT (id) DO UPDATE SET "
                      "seen_at = clock_timestamp()"};
const statement leave{"leave_node", "DELETE FROM nodes WHERE id = $1::bigint"};

std::int64_t make_id() { return static_cast<std::int64_t>(random_bits() >> 1) | 1; }

}  // namespace

node_presence::node_presence(connection& db) : db_(db), id_(make_id()) { tell(); }

node_presence::~node_presence() {
  static_cast<void>(attempt([&] {
    if (db_.is_open()) db_.run(leave, parameters{id_});
  }));
}

void node_presence::tell() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  db_.run(renew, parameters{id_});
  next_ = now + std::chrono::seconds{1};
}

}  // namespace sandbase::postgres
