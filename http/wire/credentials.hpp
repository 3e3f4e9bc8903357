// SPDX-License-Identifier: Apache-2.0
// The API key that a request carries.
#pragma once

#include "events/base/result.hpp"
#include "http/wire/request_head.hpp"

#include <string>

namespace sandbase {

/// From `Authorization: Bearer …` and `x-api-key`. A header without a key (empty, or of another scheme)
/// counts as absent beside one that has it. `unauthorized` if none has a key, or if two keys differ.
result<std::string> find_credentials(const request_head& head);

}  // namespace sandbase
