// SPDX-License-Identifier: Apache-2.0
#include "persistence/backend.hpp"

#include "persistence/postgres/backend.hpp"
#include "persistence/sqlite/backend.hpp"

namespace sandbase {

namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

failure unknown_store() {
  return {errc::invalid, "store.url: must be sqlite:PATH or postgres://USER@HOST/DATABASE"};
}

}  // namespace

result<store_writers> store_backend::open_writers(std::size_t, std::int64_t max_unsealed_bytes) {
  auto one = open_writer(max_unsealed_bytes);
  if (!one) return std::move(one).error();
  store_writers all;
  all.lanes.push_back(*std::move(one));
  return all;
}

result<void> check_store_url(std::string_view url) {
  if (postgres::is_url(url)) return postgres::check_url(url);
  if (url.starts_with(sqlite_scheme) && url.size() > sqlite_scheme.size()) return {};
  return {errc::invalid, "must be sqlite:PATH or postgres://USER@HOST/DATABASE"};
}

result<std::unique_ptr<store_backend>> open_backend(const store_address& address, bool create) {
  const std::string_view url{address.url};
  if (url.starts_with(sqlite_scheme)) return sqlite::open_backend(url.substr(sqlite_scheme.size()), create);
  if (postgres::is_url(url)) return postgres::open_backend(address, create);
  return unknown_store();
}

result<migration_report> migrate_store(const store_address& address, bool create) {
  const std::string_view url{address.url};
  if (url.starts_with(sqlite_scheme)) return sqlite::migrate_store(url.substr(sqlite_scheme.size()), create);
  if (postgres::is_url(url)) return postgres::migrate_store(address, create);
  return unknown_store();
}

}  // namespace sandbase
