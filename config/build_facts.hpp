// SPDX-License-Identifier: Apache-2.0
// What this program is, for --version.
#pragma once

#include <string>

namespace sandbase {

/// The program with its version; then how it was built, and the libraries that it runs with, a line each.
std::string build_facts();

}  // namespace sandbase
