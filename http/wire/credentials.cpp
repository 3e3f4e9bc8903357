// SPDX-License-Identifier: Apache-2.0
#include "http/wire/credentials.hpp"

#include "http/wire/text.hpp"

namespace sandbase {

namespace {

/// The key of an Authorization header; empty if it has none.
std::string_view bearer_key(std::string_view value) {
  const auto space = value.find(' ');
  if (space == value.npos || !iequals(value.substr(0, space), "bearer")) return {};
  return trim(value.substr(space));
}

/// What is wrong where headers were given and none has a key.
failure without_key(const request_head& head) {
  for (const auto& value : head.authorization)
    if (const auto scheme = std::string_view{value}.substr(0, value.find(' '));
        !scheme.empty() && !iequals(scheme, "bearer"))
      return {errc::unauthorized, "Authorization: must be `Bearer` and an API key"};
  if (!head.authorization.empty() || !head.api_key.empty())
    return {errc::unauthorized, "the API key is empty"};
  return {errc::unauthorized, "an API key is required, as `Authorization: Bearer …` or `x-api-key`"};
}

}  // namespace

result<std::string> find_credentials(const request_head& head) {
  std::string_view found;
  const auto differs = [&](std::string_view key) {
    if (found.empty()) found = key;
    return !key.empty() && key != found;
  };
  bool two = false;
  for (const auto& value : head.authorization) two = differs(bearer_key(value)) || two;
  for (const auto& value : head.api_key) two = differs(value) || two;
  if (two) return {errc::unauthorized, "two different API keys were given"};
  if (found.empty()) return without_key(head);
  return std::string{found};
}

}  // namespace sandbase
