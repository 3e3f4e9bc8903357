// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/context.hpp"

namespace sandbase::sim {

namespace {

thread_local timestamp wall;

/// Apart from what the run draws: that is the same in runs without.
bool draws_links(std::uint64_t seed) { return random_source{~seed}.chance(500); }

}  // namespace

timestamp virtual_now() { return wall; }

context::context(std::uint64_t seed_number, std::size_t servers_wanted, std::FILE* echo)
    : seed(seed_number),
      servers(servers_wanted),
      linked(servers_wanted > 1 && draws_links(seed_number)),
      random(seed_number),
      log(echo) {
  wall = timestamp{std::chrono::milliseconds{1'780'000'000'000}};
  rates = draw_faults(random, servers > 1, linked);
  most_sessions = random.between(1, 5);
}

void context::pass(std::chrono::milliseconds d) {
  elapsed_ += d;
  wall += d;
}

void context::begin_calm() {
  calm = true;
  calm_since_ = elapsed_;
}

void context::set_wall_back(std::chrono::milliseconds d) { wall -= d; }

void context::fail(std::string what) {
  if (failed()) return;
  note("BROKEN: ", what);
  verdict_ = std::move(what);
}

void context::let_others_go_on(std::size_t rate) {
  if (!reads || !others_go_on || !random.chance(rate)) return;
  reads = false;
  others_go_on();
  reads = true;
}

bool context::strikes(fault f) {
  if (!may_strike(f)) return false;
  counts.add(f);
  note("fault: ", name_of(f));
  return true;
}

}  // namespace sandbase::sim
