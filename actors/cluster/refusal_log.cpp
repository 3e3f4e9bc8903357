// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/refusal_log.hpp"

#include <fmt/core.h>
#include <utility>

namespace sandbase {

std::optional<std::string> refusal_log::refused(std::string_view whom, std::string_view why, time_point now) {
  ++count_;
  auto at = reasons_.find(why);
  const bool is_known = at != reasons_.end() || reasons_.size() >= max_reasons;
  if (at == reasons_.end()) at = reasons_.try_emplace(is_known ? "" : std::string{why}, reason{{}, 0}).first;
  auto& r = at->second;
  if (r.told != time_point{} && now - r.told < pause) {
    ++r.untold;
    return {};
  }
  r.told = now;
  const auto others = std::exchange(r.untold, 0);
  const auto more = others == 0 ? std::string{} : fmt::format(" ({} more since the last such line)", others);
  return fmt::format("{} was refused: {}{}", whom, why, more);
}

}  // namespace sandbase
