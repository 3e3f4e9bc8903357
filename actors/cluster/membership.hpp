// SPDX-License-Identifier: Apache-2.0
// Which nodes there are, by the rows that they keep in the store, and a gateway for each other one. Of two
// nodes the one with the smaller id dials. Tells the sessions of this node who owns what.
#pragma once

#include "actors/cluster/peer_gateway.hpp"
#include "actors/messages/all.hpp"
#include "actors/placement/placement.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace sandbase {

struct membership_options {
  peer_name self;
  registrar_actor registrar;
  transport_actor transport;
  directory_actor directory;
  ends_actor ends;
  send_limits limits;
  std::shared_ptr<node_counts> counts = std::make_shared<node_counts>();
  /// Told of every change.
  std::shared_ptr<placement> nodes;
  std::chrono::milliseconds interval{500};
  /// Between two tries to reach a node, doubled up to the second.
  std::chrono::milliseconds redial{500};
  std::chrono::milliseconds max_redial{8000};
};

class membership final : public membership_actor::base {
 public:
  membership(caf::actor_config& cfg, membership_options options);

  const char* name() const override { return "membership"; }

 protected:
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using time_point = caf::actor_clock::time_point;
  struct peer {
    std::string name;
    std::string address;
    gateway_actor gateway;
    bool is_up = false;
    bool is_leaving = false;
    bool is_listed = false;
    bool is_dialed = false;
    int failures = 0;
    time_point next_dial{};
    time_point told_at{};
  };

  void tick();
  void seen(const known_nodes& all);
  void dial_those_due();
  void dial(node_id id, peer& p);
  void not_reached(node_id id, const failure& why);
  void knocked(const peer_knocks& k);
  void changed(const link_changed& c);
  peer& peer_of(node_id id);
  void tell_placement();
  void went_down(const caf::actor_addr& who);
  void leave();
  known_links list() const;
  node_report report() const;
  actor_status describe() const;
  time_point now() const { return home_system().clock().now(); }

  membership_options options_;
  std::map<node_id, peer> peers_;
  bool is_renewing_ = false;
  bool is_leaving_ = false;
  bool is_listed_ = false;
  time_point renewed_at_{};
  time_point refused_told_at_{};
};

/// The one actor that the port shows: who greets it is told to membership, and meets a gateway.
peer_actor::behavior_type peer_door(peer_actor::pointer self, const membership_actor& membership);

}  // namespace sandbase
