// SPDX-License-Identifier: Apache-2.0
// Two servers on CAF's deterministic scheduler that share a database in memory, without any link between
// them.
#pragma once

#include "test/unit/actors/support/service_bench.hpp"
// The framework's header comes first.
#include "actors/node/system_config.hpp"
#include "test/memory_store/memory_backend.hpp"

#include <memory>

namespace sandbase::test {

/// One of the servers.
class cluster_member : public service_bench {
 public:
  cluster_member(caf::actor_system& system, std::shared_ptr<memory::memory_database> database)
      : service_bench(system, [database] { return std::make_unique<memory::memory_backend>(database); }) {}

  /// Its way to the database.
  memory::node_link& link() { return dynamic_cast<memory::memory_backend&>(*backend).link(); }
  /// Calls `f` once, just before the next call of this kind reaches the database.
  void before_next(memory::store_call call, std::function<void()> f) {
    link().fault = [call, f = std::move(f), this](memory::store_call c) {
      if (c != call) return memory::link_fault::none;
      const auto once = f;
      link().fault = nullptr;
      once();
      return memory::link_fault::none;
    };
  }
  /// Calls `f` once, behind the next call of this kind but before its answer. What can run runs in it.
  void before_answer_of(memory::store_call call, std::function<void()> f) {
    link().carried_out = [call, f = std::move(f), this](memory::store_call c) {
      if (c != call) return;
      const auto once = f;
      link().carried_out = nullptr;
      once();
    };
  }
};

class cluster_fixture : public test_coordinator_fixture<system_config> {
 public:
  std::shared_ptr<memory::memory_database> database = std::make_shared<memory::memory_database>();
  cluster_member a{sys, database};
  cluster_member b{sys, database};

  void pass(std::chrono::milliseconds time) {
    sched.advance_time(time);
    a.run();
  }
  /// So long that everything that is followed was polled.
  void poll() { pass(std::chrono::milliseconds{300}); }
};

}  // namespace sandbase::test
