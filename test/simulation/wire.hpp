// SPDX-License-Identifier: Apache-2.0
// A connection between two servers, as CAF's network layer makes one of TCP: what one puts on it comes to the
// other in order, late or not at all, and each sees in place of the other's actors some of its own, which end
// when its half of the connection does.
#pragma once

#include "actors/actors.hpp"
#include "actors/messages/peer_frame.hpp"
#include "test/simulation/context.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace sandbase::sim {

/// One of the two.
struct wire_end {
  std::size_t server = 0;
  /// Of its lives, which one.
  std::uint64_t life = 0;
  caf::actor_system* system = nullptr;
  bool operator==(const wire_end& other) const { return server == other.server && life == other.life; }
};

class wire : public std::enable_shared_from_this<wire> {
 public:
  using milliseconds = std::chrono::milliseconds;

  /// Between who dials and whom it meets there.
  wire(context& run, const wire_end& dialer, const wire_end& dialed) : run_(run) {
    halves_[0].of = dialer;
    halves_[1].of = dialed;
  }

  /// Which half is that server's: 0 or 1; 2: none.
  std::size_t half_of(const wire_end& who) const;
  const wire_end& end(std::size_t half) const { return halves_[half].of; }
  bool is_open(std::size_t half) const { return halves_[half].is_open; }
  bool is_over() const { return !is_open(0) && !is_open(1); }
  /// Nothing is in the way of what is put on it.
  bool carries() const;

  /// What stands at one half for an actor of the other.
  peer_actor show(std::size_t half, const caf::strong_actor_ptr& other);
  /// From an actor of this half to what was shown to it.
  void put(std::size_t half, const caf::strong_actor_ptr& from, caf::actor_id to, const peer_frame& frame);

  /// Whether something can arrive at this half now.
  bool has_due(std::size_t half) const;
  /// The next that does. @pre has_due(half)
  void deliver(std::size_t half);

  // --- what befalls it -----------------------------------------------------------------------

  /// Both know at once, what was under way is gone.
  void cut();
  /// Nothing arrives at this half for so long. Longer than a connection may be silent: it is given up there.
  void silence(std::size_t half, milliseconds time);
  /// All that is put on it takes so long for so long.
  void slow_down(milliseconds each, milliseconds time);
  /// The process at this half is gone. `in_silence`: its machine as well, and nobody tells the other half.
  void leave(std::size_t half, bool in_silence);
  /// No more trouble.
  void calm();
  /// What time brings.
  void follow_clock();

 private:
  struct item {
    caf::actor_id from = 0, to = 0;
    peer_frame frame;
    milliseconds due{0};
    /// The other half was closed.
    bool is_end = false;
  };
  struct half {
    wire_end of;
    bool is_open = true;
    /// Actors here that the other half was shown.
    std::map<caf::actor_id, caf::strong_actor_ptr> own;
    /// What stands here for actors of the other half.
    std::map<caf::actor_id, peer_actor> shown;
    std::deque<item> coming;
    milliseconds silent_until{0};
    /// When it is given up if it is still silent.
    milliseconds given_up_at{milliseconds::max()};
  };

  void close(std::size_t half);
  void send(std::size_t to_half, item i);

  context& run_;
  std::array<half, 2> halves_;
  milliseconds slow_until_{0};
  milliseconds each_takes_{0};
};

}  // namespace sandbase::sim
