// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/backend.hpp"

#include "persistence/postgres/roles/admin.hpp"
#include "persistence/postgres/roles/claimer.hpp"
#include "persistence/postgres/roles/ends.hpp"
#include "persistence/postgres/roles/reader.hpp"
#include "persistence/postgres/roles/registry.hpp"
#include "persistence/postgres/roles/writer.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <fstream>
#include <mutex>

namespace sandbase::postgres {

namespace {

/// Any number of processes may serve the store: the fence is in the database.
class no_lock final : public exclusive_lock {};

class backend final : public store_backend {
 public:
  backend(conninfo where, table_history known) : where_(std::move(where)), known_(known) {}

  result<std::unique_ptr<exclusive_lock>> lock(std::string_view) override {
    return std::unique_ptr<exclusive_lock>{std::make_unique<no_lock>()};
  }
  result<std::unique_ptr<event_store>> open_writer(std::int64_t max_unsealed_bytes) override {
    return postgres::open_writer(where_, make_group(1, max_unsealed_bytes), 0);
  }
  result<store_writers> open_writers(std::size_t wanted, std::int64_t max_unsealed_bytes) override {
    const auto group = make_group(std::clamp(wanted, std::size_t{1}, max_writers), max_unsealed_bytes);
    store_writers all;
    while (all.lanes.size() < group->lanes()) {
      auto writer = postgres::open_writer(where_, group, all.lanes.size());
      if (!writer) return std::move(writer).error();
      all.lanes.push_back(*std::move(writer));
    }
    all.claimer = open_claimer(where_, group);
    return all;
  }
  result<std::unique_ptr<event_reader>> open_reader() override { return postgres::open_reader(where_); }
  result<std::unique_ptr<store_admin>> open_admin() override { return postgres::open_admin(where_); }
  result<std::unique_ptr<end_reader>> open_end_reader() override { return postgres::open_end_reader(where_); }
  result<std::unique_ptr<node_registry>> open_node_registry(announcement own) override {
    auto group = last_group();
    if (!group) return {errc::internal, "a process that does not write is none of the store's"};
    return postgres::open_node_registry(where_, std::move(group), std::move(own));
  }
  result<backup_report> backup(const std::string&, const copy_progress&) override {
    return {errc::invalid,
            "a store in PostgreSQL is backed up with PostgreSQL's own tools: `pg_dump` for a copy, "
            "`pg_basebackup` with WAL archiving for all up to the last moment"};
  }

 private:
  std::shared_ptr<writer_group> make_group(std::size_t lanes, std::int64_t max_unsealed_bytes) {
    auto group = std::make_shared<writer_group>(lanes, max_unsealed_bytes, known_);
    const std::scoped_lock lock{mutex_};
    group_ = group;
    return group;
  }
  std::shared_ptr<const writer_group> last_group() const {
    const std::scoped_lock lock{mutex_};
    return group_.lock();
  }

  const conninfo where_;
  const table_history known_;
  mutable std::mutex mutex_;
  /// Of the writers that were opened last, as long as they are there.
  std::weak_ptr<const writer_group> group_;
};

/// The first line of the file; empty without one.
result<std::string> read_password(const std::string& file) {
  std::string password;
  if (file.empty()) return password;
  std::ifstream in{file};
  if (!std::getline(in, password) || password.empty())
    return {errc::invalid, fmt::format("store.password_file: no password can be read from {}", file)};
  if (password.back() == '\r') password.pop_back();
  return password;
}

result<conninfo> place_of(const store_address& address) {
  auto password = read_password(address.password_file);
  if (!password) return std::move(password).error();
  return conninfo::parse(address.url, *std::move(password));
}

}  // namespace

bool is_url(std::string_view url) {
  return url.starts_with("postgres://") || url.starts_with("postgresql://");
}

result<void> check_url(std::string_view url) {
  const auto where = conninfo::parse(url);
  if (!where) return where.error();
  return {};
}

result<std::unique_ptr<store_backend>> open_backend(const store_address& address, bool create,
                                                    table_history known) {
  auto where = place_of(address);
  if (!where) return std::move(where).error();
  return attempt([&]() -> std::unique_ptr<store_backend> {
    connection db{*where, "start"};
    if (create)
      migrate(db, known);
    else
      expect_current(db, known);
    return std::make_unique<backend>(*std::move(where), known);
  });
}

result<migration_report> migrate_store(const store_address& address, bool create, table_history known) {
  const auto where = place_of(address);
  if (!where) return where.error();
  return attempt([&] {
    connection db{*where, "migrate"};
    if (!create && inspect(db, known) == 0) throw error(no_store(db));
    return migrate(db, known);
  });
}

}  // namespace sandbase::postgres
