// SPDX-License-Identifier: Apache-2.0
// JSON that wraps what was taken at the full depth before, as the lines of an export do.
#pragma once

#include "events/json/json_text.hpp"

namespace sandbase::json {

/// As validate(), with room for one more level around what validate() accepts.
result<void> validate_wrapped(std::string_view text, std::string_view path = {});

}  // namespace sandbase::json
