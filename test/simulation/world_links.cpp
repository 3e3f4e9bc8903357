// SPDX-License-Identifier: Apache-2.0
// The links between the servers of a run, before anything befalls them and when nothing does any more.
#include "test/simulation/world.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sim {

namespace {

/// For servers that all start at once; each looks for others twice a second at least.
constexpr int most_rounds = 20;

}  // namespace

/// Chaos would meet few of them if each run began without.
void world::link_all() {
  start_services();
  const auto is_busy = [](const server& s) { return !s.life->is_quiet(); };
  const auto is_linked = [](const server& s) { return s.life->is_linked_to_all(); };
  for (int round = 0; round < most_rounds && !run_.failed(); ++round) {
    while (links_.has_due() || std::ranges::any_of(servers_, is_busy)) step_service();
    if (round > 2 && std::ranges::all_of(servers_, is_linked)) return;
    pass_round();
  }
  check_links();
}

/// Whatever became of them: they are there again.
void world::check_links() {
  for (const auto& s : servers_)
    if (!s.life->is_linked_to_all())
      run_.fail(fmt::format("server {} is not linked to all others", s.number));
}

}  // namespace sandbase::sim
