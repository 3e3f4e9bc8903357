// SPDX-License-Identifier: Apache-2.0
// The lock that keeps a second process off a store: `flock` on a file
// beside the database, with the holder written in it.
#pragma once

#include "persistence/backend.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sandbase::sqlite {

/// Locks `path` (made if missing, never removed: removing would let two processes lock two files of one
/// name). `conflict` naming the holder; `unavailable` if the file cannot be made.
result<std::unique_ptr<exclusive_lock>> lock_file(const std::string& path, std::string_view purpose);

/// Whether somebody holds that lock; false if there is no such file.
bool is_locked(const std::string& path);

}  // namespace sandbase::sqlite
