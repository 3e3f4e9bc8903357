// SPDX-License-Identifier: Apache-2.0
// Copying a database that is in use.
#pragma once

#include "persistence/backend.hpp"

#include <string>

namespace sandbase::sqlite {

/// store_backend::backup: the database at `path` to the new file `target`. One read transaction is held for
/// the whole copy: nobody waits for it, but the write-ahead log cannot begin anew until it is done.
result<backup_report> backup_database(const std::string& path, const std::string& target,
                                      const copy_progress& progress);

}  // namespace sandbase::sqlite
