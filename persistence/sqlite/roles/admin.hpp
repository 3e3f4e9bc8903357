// SPDX-License-Identifier: Apache-2.0
// The operators' side of a store (store_admin) on SQLite.
#pragma once

#include "persistence/backend.hpp"

#include <memory>
#include <string>

namespace sandbase::sqlite {

/// `is_alone`: nobody serves the store, so that what a dead process left in its log is still to be made
/// durable. A server has done that, and its commits should not wait for it again.
result<std::unique_ptr<store_admin>> open_admin(const std::string& path, bool is_alone);

}  // namespace sandbase::sqlite
