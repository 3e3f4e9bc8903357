// SPDX-License-Identifier: Apache-2.0
// A store in one SQLite file.
#pragma once

#include "persistence/backend.hpp"

#include <memory>
#include <string_view>

namespace sandbase::sqlite {

/// `open_backend("sqlite:" + path, create)`
result<std::unique_ptr<store_backend>> open_backend(std::string_view path, bool create);

/// See sandbase::migrate_store().
result<migration_report> migrate_store(std::string_view path, bool create);

}  // namespace sandbase::sqlite
