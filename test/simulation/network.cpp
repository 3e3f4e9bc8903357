// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/network.hpp"

#include "actors/caf/errors.hpp"
#include "actors/messages/all.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <fmt/core.h>
#include <utility>

namespace sandbase::sim {

namespace {

using std::chrono::milliseconds;

/// Some silences are longer than a connection lasts in them.
constexpr std::size_t longest_silence_ms = 6'000;
constexpr std::size_t longest_slowness_ms = 5'000;
constexpr std::size_t slowest_frame_ms = 300;
/// Two nodes that were out of touch for so long may have forgotten what they could ask each other for: the
/// service keeps it for longer, but has to notice and to dial first.
constexpr milliseconds estranged_after{2'500};

}  // namespace

/// Dials by the run's network; which of them fail is decided there.
class simulated_transport final : public transport_actor::base {
 public:
  simulated_transport(caf::actor_config& cfg, network& net, std::size_t server)
      : transport_actor::base(cfg), net_(net), server_(server), life_(net.places_[server].now.life) {}

  const char* name() const override { return "transport"; }

 protected:
  behavior_type make_behavior() override {
    return {
        [this](const greet_with& g) {
          if (is_there()) net_.places_[server_].door = g.greeter;
        },
        [this](const dial_peer& d) -> caf::result<peer_dialed> {
          if (!is_there()) return to_error({errc::unavailable, "this server is gone"});
          auto met = net_.dial(server_, d.address);
          if (!met) return to_error(met.error());
          return peer_dialed{*std::move(met)};
        },
        [](const describe_actor&) {
          return actor_status{"accepting", {}};
        },
    };
  }

 private:
  /// As long as its life lasts.
  bool is_there() const { return net_.places_[server_].now.life == life_; }

  network& net_;
  const std::size_t server_;
  const std::uint64_t life_;
};

announcement network::announcement_of(std::size_t server) {
  return {fmt::format("server {}", server), fmt::format("server-{}:1", server)};
}

transport_actor network::join(std::size_t server, caf::actor_system& system) {
  auto& p = places_[server];
  p.now = {server, ++p.lives, &system};
  p.transport = system.spawn<simulated_transport>(*this, server);
  return p.transport;
}

void network::leave(std::size_t server) {
  auto& p = places_[server];
  if (p.now.life == 0) return;
  const bool in_silence = !run_.calm && run_.random.chance(300);
  for (const auto& w : wires_)
    if (const auto half = w->half_of(p.now); half < 2) w->leave(half, in_silence);
  drop_those_over();
  caf::anon_send_exit(p.transport, caf::exit_reason::user_shutdown);
  p.transport = nullptr;
  p.door = nullptr;
  p.now = {};
  ++run_.estrangements;
}

/// As CAF does, a node that has a link to that one finds it again; and nobody comes in by a second one.
result<peer_actor> network::dial(std::size_t from, const std::string& address) {
  const auto fail = [&](const char* why) -> result<peer_actor> {
    run_.note("server ", from, " does not reach ", address, ": ", why);
    return {errc::unavailable, fmt::format("there is no link to {}: {}", address, why)};
  };
  std::size_t to = 0;
  while (to < places_.size() && announcement_of(to).address != address) ++to;
  if (to == places_.size() || !places_[to].door) return fail("nobody is there");
  const auto& here = places_[from].now;
  const auto& there = places_[to].now;
  const auto door = caf::actor_cast<caf::strong_actor_ptr>(places_[to].door);
  for (const auto& w : wires_) {
    const auto half = w->half_of(here);
    if (half == 2 || w->half_of(there) == 2) continue;
    if (!w->is_open(half)) return fail("it still has the link before");
    return w->show(half, door);
  }
  if (run_.strikes(fault::dial_failed)) return fail("it does not answer");
  wires_.push_back(std::make_shared<wire>(run_, here, there));
  run_.note("server ", from, " is linked to server ", to);
  return wires_.back()->show(0, door);
}

// --- steps -----------------------------------------------------------------------------------

void network::step() {
  for (const auto& w : wires_) w->follow_clock();
  drop_those_over();
  note_estrangements();
  if (wires_.empty()) return;
  if (run_.strikes(fault::wire_cut)) some_wire()->cut();
  if (run_.strikes(fault::wire_silent)) {
    const auto w = some_wire();
    const auto which = run_.random.below(3);
    const milliseconds time{run_.random.between(1, longest_silence_ms)};
    for (std::size_t half : {0, 1})
      if (which != half) w->silence(half, time);
  }
  if (run_.strikes(fault::wire_slow))
    some_wire()->slow_down(milliseconds{run_.random.between(1, slowest_frame_ms)},
                           milliseconds{run_.random.between(1, longest_slowness_ms)});
}

bool network::are_in_touch(std::size_t a, std::size_t b) const {
  return std::ranges::any_of(wires_, [&](const auto& w) {
    return w->carries() && w->half_of(places_[a].now) < 2 && w->half_of(places_[b].now) < 2;
  });
}

void network::note_estrangements() {
  for (std::size_t b = 1; b < places_.size(); ++b)
    for (std::size_t a = 0; a < b; ++a) {
      auto& at = in_touch_at_[{a, b}];
      const bool are_there = places_[a].now.life != 0 && places_[b].now.life != 0;
      // With one that is not there it was counted when that ended.
      if (!are_there || are_in_touch(a, b)) {
        at = run_.elapsed();
      } else if (run_.elapsed() - at > estranged_after) {
        ++run_.estrangements;
        at = run_.elapsed();
      }
    }
}

void network::begin_calm() {
  for (const auto& w : wires_) w->calm();
}

bool network::has_due() const {
  return std::ranges::any_of(wires_, [](const auto& w) { return w->has_due(0) || w->has_due(1); });
}

void network::deliver() {
  std::vector<std::pair<wire*, std::size_t>> due;
  for (const auto& w : wires_)
    for (std::size_t half : {0, 1})
      if (w->has_due(half)) due.emplace_back(w.get(), half);
  const auto [w, half] = run_.random.pick(due);
  w->deliver(half);
}

void network::drop_those_over() {
  std::erase_if(wires_, [](const auto& w) { return w->is_over(); });
}

std::shared_ptr<wire> network::some_wire() { return run_.random.pick(wires_); }

}  // namespace sandbase::sim
