// SPDX-License-Identifier: Apache-2.0
// A store in a PostgreSQL database that several nodes may share. The way to all of this folder.
#pragma once

#include "persistence/backend.hpp"

namespace sandbase::postgres {

/// Whether a store.url is one of PostgreSQL's.
bool is_url(std::string_view url);

/// See sandbase::check_store_url().
result<void> check_url(std::string_view url);

/// See sandbase::open_backend().
result<std::unique_ptr<store_backend>> open_backend(const store_address& address, bool create);

/// See sandbase::migrate_store().
result<migration_report> migrate_store(const store_address& address, bool create);

}  // namespace sandbase::postgres
