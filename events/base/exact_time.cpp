// SPDX-License-Identifier: Apache-2.0
#include "events/base/exact_time.hpp"

namespace sandbase {

timestamp round_up(const exact_time& t) {
  return t.nanos == 0 || t.ms == last_timestamp ? t.ms : t.ms + std::chrono::milliseconds{1};
}

std::string format_exact_time(const exact_time& t) {
  auto text = format_timestamp(t.ms);
  if (t.nanos == 0) return text;
  text.pop_back();  // the Z
  const auto digits = std::to_string(1'000'000 + t.nanos).substr(1);
  return text.append(digits, 0, digits.find_last_not_of('0') + 1).append("Z");
}

}  // namespace sandbase
