// SPDX-License-Identifier: Apache-2.0
// Verifying a store and telling what was found.
#pragma once

#include "persistence/backend.hpp"

namespace sandbase {

/// Prints each problem as a line on stdout and a summary on stderr.
/// @returns the process's exit code
int check_and_tell(store_admin& store);

}  // namespace sandbase
