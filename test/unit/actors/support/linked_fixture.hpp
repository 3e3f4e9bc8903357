// SPDX-License-Identifier: Apache-2.0
// Two servers as of a cluster_fixture with a link between them: their own gateways and membership, and in
// place of the network wires that a test can cut, or have swallow what they carry.
#pragma once

#include "test/unit/actors/support/cluster_fixture.hpp"

#include <map>
#include <string>
#include <vector>

namespace sandbase::test {

/// What all wires have in common. As of TCP, what a wire carries comes in order, late or not at all.
struct network {
  struct held_frame {
    caf::strong_actor_ptr from;
    peer_actor to;
    peer_frame frame;
  };

  std::map<std::string, peer_actor> doors;
  std::vector<peer_actor> ends;
  /// Frames wait until let_go().
  bool is_silent = false;
  std::vector<held_frame> held;
  /// Nobody is reached.
  bool is_cut = false;
  std::size_t frames = 0;
  std::size_t bytes = 0;

  void let_go() {
    is_silent = false;
    for (auto& h : std::exchange(held, {}))
      caf::actor_cast<caf::strong_actor_ptr>(h.to)->enqueue(std::move(h.from), caf::make_message_id(),
                                                            caf::make_message(std::move(h.frame)), nullptr);
  }
};
using network_ptr = std::shared_ptr<network>;

/// One end of a wire.
struct wire_side {
  /// Who meets the other node here: a gateway, or a door until one has answered.
  caf::strong_actor_ptr party;
  peer_actor other_end;
};

inline peer_actor::behavior_type wire_end(peer_actor::pointer self, network_ptr net,
                                          std::shared_ptr<wire_side> side) {
  self->set_exit_handler([=](const caf::exit_msg& e) {
    *side = {};
    self->quit(e.reason);
  });
  return {
      [=](const peer_frame& f) {
        const auto& from = self->current_sender();
        if (from == caf::actor_cast<caf::strong_actor_ptr>(side->other_end)) {
          self->send(caf::actor_cast<peer_actor>(side->party), f);
          return;
        }
        side->party = from;
        if (net->is_silent) {
          net->held.push_back({caf::actor_cast<caf::strong_actor_ptr>(self), side->other_end, f});
          return;
        }
        ++net->frames;
        net->bytes += f.bytes.size();
        self->send(side->other_end, f);
      },
  };
}

/// @returns what its dialer sees of it
inline peer_actor make_wire(caf::actor_system& sys, const network_ptr& net, const peer_actor& door) {
  const auto near = std::make_shared<wire_side>(), far = std::make_shared<wire_side>();
  far->party = caf::actor_cast<caf::strong_actor_ptr>(door);
  far->other_end = sys.spawn(wire_end, net, near);
  near->other_end = sys.spawn(wire_end, net, far);
  net->ends.push_back(near->other_end);
  net->ends.push_back(far->other_end);
  return far->other_end;
}

inline transport_actor::behavior_type fake_transport(transport_actor::pointer self, network_ptr net,
                                                     std::string address) {
  return {
      [=](const greet_with& g) { net->doors[address] = g.greeter; },
      [=](const dial_peer& d) -> caf::result<peer_dialed> {
        const auto door = net->doors.find(d.address);
        if (net->is_cut || door == net->doors.end()) return to_error({errc::unavailable, "nobody is there"});
        return peer_dialed{make_wire(self->home_system(), net, door->second)};
      },
      [](const describe_actor&) {
        return actor_status{"fake", {}};
      },
  };
}

class linked_fixture : public cluster_fixture {
 public:
  network_ptr net = std::make_shared<network>();
  std::map<std::string, transport_actor> transports;

  linked_fixture() {
    link(a, "a");
    link(b, "b");
    pass(std::chrono::milliseconds{600});
    pass(std::chrono::milliseconds{600});
  }
  ~linked_fixture() {
    for (const auto& [address, t] : transports) caf::anon_send_exit(t, caf::exit_reason::user_shutdown);
    net->doors.clear();
    net->held.clear();
    cut();
    a.stop();
    b.stop();
    a.run();
  }

  void link(cluster_member& m, const std::string& address) {
    m.own = {address, address};
    transports[address] = sys.spawn(fake_transport, net, address);
    m.tune = [this, address](node_options& o) {
      o.links.transport = transports[address];
      o.links.name = address;
    };
    m.restart();
  }
  /// Nothing passes any more, and both ends know at once.
  void cut() {
    net->is_cut = true;
    for (const auto& end : std::exchange(net->ends, {}))
      caf::anon_send_exit(end, caf::exit_reason::remote_link_unreachable);
    a.run();
  }
  void mend() {
    net->is_cut = false;
    net->let_go();
    for (int i = 0; i < 20; ++i) pass(std::chrono::milliseconds{500});
  }
  bool is_linked() const {
    return a.environment->placement->is_linked_to_all() && b.environment->placement->is_linked_to_all() &&
           a.environment->placement->link_to(b.environment->self);
  }
};

}  // namespace sandbase::test
