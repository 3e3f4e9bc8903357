// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/faults.hpp"

#include <algorithm>

namespace sandbase::sim {

namespace {

struct kind {
  std::string_view name;
  /// Of 100,000.
  std::uint32_t highest_rate;
};
constexpr std::array<kind, fault_kinds> kinds{{
    {"commit refused", 6'000},
    {"commit lost", 2'000},
    {"commit silenced", 2'000},
    {"commit slow", 3'000},
    {"read failed", 3'000},
    {"disk failed", 300},
    {"death", 200},
    {"orderly restart", 150},
    {"power cut", 200},
    {"clock back", 200},
    {"actor starved", 800},
    {"actor thrown", 300},
    {"client drop", 3'000},
    {"client stall", 3'000},
    {"key revoked", 60},
    {"session deleted", 6'000},
    {"session archived", 4'000},
    {"event redacted", 10'000},
    {"commit late", 6'000},
    {"answer lost", 2'000},
    {"call refused", 2'000},
    {"link cut", 500},
    {"failover", 200},
    {"frame late", 3'000},
    {"link slow", 500},
    {"link silent", 500},
    {"link ended", 500},
    {"dial failed", 30'000},
}};

constexpr std::array of_a_disk{fault::commit_refused, fault::commit_lost, fault::commit_silenced,
                               fault::disk_failed, fault::power_cut};
constexpr std::array of_a_database{fault::commit_late, fault::answer_lost, fault::call_refused,
                                   fault::link_cut, fault::failover};
constexpr std::array of_links{fault::frame_late, fault::wire_slow, fault::wire_silent, fault::wire_cut,
                              fault::dial_failed};

}  // namespace

std::string_view name_of(fault f) { return kinds[static_cast<std::size_t>(f)].name; }

bool fault_rates::harmless() const {
  for (const auto f :
       {fault::commit_refused, fault::commit_lost, fault::commit_silenced, fault::read_failed,
        fault::disk_failed, fault::death, fault::power_cut, fault::orderly_restart, fault::actor_thrown})
    if (of(f) > 0) return false;
  // Who does not reach the owner does it itself: that a dial fails is no excuse.
  for (const auto f : {fault::frame_late, fault::wire_slow, fault::wire_silent, fault::wire_cut})
    if (of(f) > 0) return false;
  return std::ranges::all_of(of_a_database, [&](fault f) { return of(f) == 0; });
}

fault_rates draw_faults(random_source& random, bool shares, bool linked) {
  fault_rates rates;
  const auto part = random.below(4);  // of the kinds, in quarters: none, few, half, most
  const auto draw = [&](std::size_t i) {
    if (random.chance(part * 280))
      rates.rate[i] = static_cast<std::uint32_t>(1 + random.below(kinds[i].highest_rate));
  };
  // One server's chances are those that it has always had: its seeds stay what they are.
  for (std::size_t i = 0; i < fault_kinds - of_a_database.size() - of_links.size(); ++i) draw(i);
  if (!shares) return rates;
  for (const auto f : of_a_disk) rates.rate[static_cast<std::size_t>(f)] = 0;
  for (const auto f : of_a_database) draw(static_cast<std::size_t>(f));
  // And so are those of several without links.
  if (!linked) return rates;
  for (const auto f : of_links) draw(static_cast<std::size_t>(f));
  return rates;
}

}  // namespace sandbase::sim
