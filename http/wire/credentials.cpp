#include "http/wire/credentials.hpp"

#include "http/wire/text.hpp"

namespace sandbase {

result<std::string> find_credentials(const request_head& head) {
  auto given = head.api_key;
  for (const auto& value : head.authorization) {
    const auto space = value.find(' ');
    if (!iequals(std::string_view{value}.substr(0, space), "bearer"))
      return {errc::unauthorized, "Authorization: must be `Bearer` and an API key"};
    given.emplace_back(space == value.npos ? std::string_view{}
                                           : trim(std::string_view{value}.substr(space)));
  }
  if (given.empty())
    return {errc::unauthorized, "an API key is required, as `Authorization: Bearer …` or `x-api-key`"};
  for (const auto& key : given) {
    if (key.empty()) return {errc::unauthorized, "the API key is empty"};
    if (key != given.front()) return {errc::unauthorized, "two different API keys were given"};
  }
  return given.front();
}

}  // namespace sandbase
