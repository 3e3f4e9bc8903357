// The API key that a request carries.
#pragma once

#include "http/wire/request_head.hpp"

#include <string>

namespace sandbase {

/// From `Authorization: Bearer …` and `x-api-key`. `unauthorized` if there is none, a scheme other than
/// Bearer, or two that differ.
result<std::string> find_credentials(const request_head& head);

}  // namespace sandbase
