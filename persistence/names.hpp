// SPDX-License-Identifier: Apache-2.0
// Names of workspaces and API keys.
#pragma once

#include "events/base/result.hpp"

#include <string_view>

namespace sandbase {

/// `invalid`, naming the field, unless it is 1 to 128 bytes of UTF-8, none of them a control character.
result<void> check_name(std::string_view field, std::string_view name);

}  // namespace sandbase
