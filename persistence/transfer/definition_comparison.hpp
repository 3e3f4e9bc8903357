// SPDX-License-Identifier: Apache-2.0
// Compares the session object of an import with a stored session.
#pragma once

#include "events/session/session.hpp"

#include <string_view>

namespace sandbase {

/// Whether `given`, the `session` object of an import file, agrees with `stored` in every field that it has
/// and that is not computed from the log. The failure `conflict` names the field. @pre `given` is valid JSON
result<void> compare_definition(std::string_view given, const session_header& stored);

}  // namespace sandbase
