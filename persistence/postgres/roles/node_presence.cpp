// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/node_presence.hpp"

#include "events/ids/event_id.hpp"
#include "persistence/postgres/tables/schema.hpp"

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

node_presence::node_presence(std::int64_t schema) : id_(make_id()), schema_(schema) {}

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

result<void> node_presence::judge() const {
  const std::scoped_lock lock{mutex_};
  return outdated_;
}

result<void> node_presence::may_write() const {
  if (judge()) return {};
  return {errc::unavailable, "this program is too old for the tables of the store"};
}

void node_presence::tell(connection& db) {
  unwrap(judge());
  auto due = next_.load();
  const auto now = clock::now();
  if (now < due || !next_.compare_exchange_strong(due, now + std::chrono::seconds{1})) return;
  try {
    pipeline calls;
    calls.add(renew, parameters{id_});
    calls.add(find_versions);
    const auto may = postgres::may_write(read_versions(db.run(calls).back()), schema_, db.where());
    if (!may) {
      const std::scoped_lock lock{mutex_};
      outdated_ = may.error();
    }
  } catch (...) {
    next_ = now;  // another's connection may work
    throw;
  }
  unwrap(judge());
}

}  // namespace sandbase::postgres
