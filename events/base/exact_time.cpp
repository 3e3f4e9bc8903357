// SPDX-License-Identifier: Apache-2.0
#include "events/base/exact_time.hpp"

#include <fmt/core.h>

namespace sandbase {

timestamp round_up(const exact_time& t) {
  return t.nanos == 0 || t.ms == last_timestamp ? t.ms : t.ms + std::chrono::milliseconds{1};
}

std::string format_exact_time(const exact_time& t) {
  auto text = format_timestamp(t.ms);
  if (t.nanos == 0) return text;
  text.pop_back();  // the Z
  text += fmt::format("{:06}", t.nanos);
  text.erase(text.find_last_not_of('0') + 1);
  return text + 'Z';
}

}  // namespace sandbase
