// SPDX-License-Identifier: Apache-2.0
// Which nodes there are, by the rows that they keep in the store, and a gateway for each other one. Of two
// nodes the one with the smaller id dials. Tells the sessions of this node who owns what.
//
// An edge has no store: it dials the addresses that it was given until one answers, is told by that node
// which others there are, and dials all of them. Nobody dials an edge, and it owns nothing.
#pragma once

#include "actors/cluster/peer_gateway.hpp"
#include "actors/diagnostics/service_gate.hpp"
#include "actors/messages/all.hpp"
#include "actors/placement/placement.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sandbase {

struct membership_options {
  peer_name self;
  /// Null: of an edge, and where this process alone writes the store.
  registrar_actor registrar;
  transport_actor transport;
  directory_actor directory;
  ends_actor ends;
  board_actor board;
  /// Null: this is an edge.
  std::shared_ptr<const core_parts> core;
  /// Once it is closed the node leaves. Null: of an edge.
  std::shared_ptr<const service_gate> gate;
  /// Where an edge looks for nodes, HOST:PORT each.
  std::vector<std::string> seeds;
  /// Told to edges, with the address of this node where there is no list of them.
  std::string token_secret;
  std::string address;
  /// Of an edge: called with what it was told.
  std::function<void(const std::string&)> secret_told;
  send_limits limits;
  std::shared_ptr<node_counts> counts = std::make_shared<node_counts>();
  /// Told of every change.
  std::shared_ptr<placement> nodes;
  std::chrono::milliseconds interval{500};
  /// Between two tries to reach a node, doubled up to the second.
  std::chrono::milliseconds redial{500};
  std::chrono::milliseconds max_redial{8000};
  /// An edge that knows nodes asks those that it was given only after so long without any of them.
  std::chrono::milliseconds seeds_after{3000};
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
  /// What goes on for long is told so often.
  static constexpr std::chrono::minutes told_again{1};
  /// For so long an edge whose link has ended, or whoever greets, may have nothing else to be known by: its
  /// gateway knows what was answered over the link.
  static constexpr std::chrono::seconds unlisted_kept{10};
  struct peer {
    std::string name;
    std::string address;
    gateway_actor gateway;
    bool is_up = false;
    bool is_leaving = false;
    bool is_listed = false;
    bool is_edge = false;
    bool is_dialed = false;
    int failures = 0;
    time_point next_dial{};
    time_point told_at{};
    /// Until then it is kept in mind though it has no link and nobody lists it.
    time_point kept_until{};
  };

  /// An address that an edge was given.
  struct seed {
    std::string address;
    /// Null: nothing is under way.
    gateway_actor gateway;
    int failures = 0;
    time_point next_dial{};
    time_point told_at{};
  };

  void tick();
  void seen(const known_nodes& all);
  void dial_those_due();
  bool has_link() const;
  gateway_actor make_gateway(node_id peer, std::size_t seed_number);
  // Of an edge (membership_edge.cpp).
  void dial_seeds();
  void seed_changed(const link_changed& c);
  void seed_not_reached(std::size_t number, const failure& why);
  void seed_went_down(const caf::actor_addr& who);
  // Of a node that edges are linked to (membership_edge.cpp).
  cluster_view view() const;
  void tell_edges();
  void forget_edges();
  void told(const cluster_view& v);
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
  std::vector<seed> seeds_;
  /// By the database, or by who has it.
  std::vector<node_record> listed_;
  bool is_renewing_ = false;
  bool is_leaving_ = false;
  bool is_listed_ = false;
  time_point renewed_at_{};
  /// Of an edge: a node was linked last, as of the last look.
  time_point linked_at_{};
  time_point refused_told_at_{};
};

/// The one actor that the port shows: who greets it is told to membership, and meets a gateway.
peer_actor::behavior_type peer_door(peer_actor::pointer self, const membership_actor& membership);

}  // namespace sandbase
