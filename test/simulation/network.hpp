// SPDX-License-Identifier: Apache-2.0
// What stands between the servers of a run in place of a network: a transport for each, the wires that they
// make, and what befalls these.
#pragma once

#include "persistence/node_registry.hpp"
#include "test/simulation/context.hpp"
#include "test/simulation/wire.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sandbase::sim {

/// It outlives the servers' lives.
class network {
 public:
  network(context& run, std::size_t servers) : run_(run), places_(servers) {}

  /// As others are told of it.
  static announcement announcement_of(std::size_t server);

  /// A life of a server begins. @returns by what it dials others, and lets them in
  transport_actor join(std::size_t server, caf::actor_system& system);
  /// It is over: nothing of it gets out any more, and nothing here keeps any of its actors.
  void leave(std::size_t server);

  /// What befalls it between two steps.
  void step();
  void begin_calm();
  /// Whether something can arrive now.
  bool has_due() const;
  /// One frame arrives somewhere. @pre has_due()
  void deliver();

 private:
  friend class simulated_transport;

  struct place {
    /// 0: nobody is there.
    wire_end now{};
    std::uint64_t lives = 0;
    transport_actor transport;
    /// Null: it lets nobody in yet.
    peer_actor door;
  };

  result<peer_actor> dial(std::size_t from, const std::string& address);
  void drop_those_over();
  /// Of `places_`.
  bool are_in_touch(std::size_t a, std::size_t b) const;
  void note_estrangements();
  std::shared_ptr<wire> some_wire();

  context& run_;
  std::vector<place> places_;
  /// The oldest first.
  std::vector<std::shared_ptr<wire>> wires_;
  /// Of every two that are there, the one with the smaller number first.
  std::map<std::pair<std::size_t, std::size_t>, std::chrono::milliseconds> in_touch_at_;
};

}  // namespace sandbase::sim
