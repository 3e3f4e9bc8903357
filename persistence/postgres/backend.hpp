// SPDX-License-Identifier: Apache-2.0
// A store in a PostgreSQL database that several nodes may share. The way to all of this folder.
#pragma once

#include "persistence/backend.hpp"
#include "persistence/postgres/tables/schema.hpp"

namespace sandbase::postgres {

/// Whether a store.url is one of PostgreSQL's.
bool is_url(std::string_view url);

/// See sandbase::check_store_url().
result<void> check_url(std::string_view url);

/// See sandbase::open_backend(), and sandbase::migrate_store(). `known`: the tables, as a program of another
/// version knows them.
result<std::unique_ptr<store_backend>> open_backend(const store_address& address, bool create,
                                                    table_history known = own_history);
result<migration_report> migrate_store(const store_address& address, bool create,
                                       table_history known = own_history);

}  // namespace sandbase::postgres
