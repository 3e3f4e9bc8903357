// SPDX-License-Identifier: Apache-2.0
// An edge beside the servers of a linked_fixture, or beside one over SQLite, all on CAF's deterministic
// scheduler.
#pragma once

#include "test/unit/actors/support/linked_fixture.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sandbase::test {

/// A node without a store.
class edge_member {
 public:
  edge_member(caf::actor_system& system, const network_ptr& net) : system_(system), net_(net) {}
  ~edge_member() { stop(); }
  edge_member(const edge_member&) = delete;
  edge_member& operator=(const edge_member&) = delete;

  void start(std::vector<std::string> seeds) {
    transport_ = system_.spawn(fake_transport, net_, "edge");
    node_options options;
    options.detached = false;
    options.clock = clock_for_tests();
    options.links.transport = transport_;
    options.links.name = "edge";
    options.links.seeds = std::move(seeds);
    options.links.secret_told = [this](const std::string& told) { secret = told; };
    options.essential_ended = [this](const std::string& name, const std::string&) { ended.push_back(name); };
    actors = std::make_unique<node>(system_, std::move(options));
  }
  void stop() {
    if (!actors) return;
    actors->kill();
    actors.reset();
    caf::anon_send_exit(transport_, caf::exit_reason::user_shutdown);
    transport_ = nullptr;
    dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler()).run();
  }
  const placement& nodes() const { return *actors->environment()->placement; }
  const reader_actor& reader() const { return actors->readers().front(); }
  bool is_linked_to(node_id other) const { return nodes().link_to(other) != nullptr; }

  std::unique_ptr<node> actors;
  std::string secret;
  std::vector<std::string> ended;

 private:
  caf::actor_system& system_;
  network_ptr net_;
  transport_actor transport_;
};

}  // namespace sandbase::test
