// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/node_presence.hpp"

#include "events/ids/event_id.hpp"

namespace sandbase::postgres {

namespace {

const statement renew{"renew_node",
                      "INSERT INTO nodes(id) VALUES($1::bigint) ON CONFLICT (id) DO UPDATE SET "
                      "seen_at = clock_timestamp()"};
const statement leave_node{"leave_node", "DELETE FROM nodes WHERE id = $1::bigint"};

std::int64_t make_id() {
  constexpr std::uint64_t writers = 0xFF;
  return static_cast<std::int64_t>(((random_bits() >> 1) | (writers + 1)) & ~writers);
}

}  // namespace

node_presence::node_presence() : id_(make_id()) {}

void node_presence::join(connection& db) {
  db.run(renew, parameters{id_});
  ++writers_;
}

void node_presence::leave(connection& db) noexcept {
  if (--writers_ > 0) return;
  static_cast<void>(attempt([&] {
    if (db.is_open()) db.run(leave_node, parameters{id_});
  }));
}

void node_presence::tell(connection& db) {
  auto due = next_.load();
  const auto now = clock::now();
  if (now < due || !next_.compare_exchange_strong(due, now + std::chrono::seconds{1})) return;
  try {
    db.run(renew, parameters{id_});
  } catch (...) {
    next_ = now;  // another's connection may work
    throw;
  }
}

}  // namespace sandbase::postgres
