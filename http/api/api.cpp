// SPDX-License-Identifier: Apache-2.0
#include "http/api/api.hpp"

#include <algorithm>

namespace sandbase {

void answer_list(call& c, outbox body) {
  if (auto room = c.hold_answer(body.bytes()); !room) return c.fail(room.error());
  c.answer(std::move(body));
}

result<std::string> idempotency_key_of(const exchange& e) {
  const auto& key = e.head.idempotency_key;
  if (!key) return std::string{};
  const bool printable =
      std::all_of(key->begin(), key->end(), [](char ch) { return ch >= ' ' && ch <= '~'; });
  if (key->empty() || key->size() > 255 || !printable)
    return {errc::invalid, "Idempotency-Key: must have 1 to 255 printable ASCII characters"};
  return *key;
}

}  // namespace sandbase
