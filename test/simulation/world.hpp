// SPDX-License-Identifier: Apache-2.0
// One run: a seed, a store, one life of the service after another on each server, and clients who use it.
#pragma once

#include "test/simulation/server.hpp"
#include "test/simulation/store_place.hpp"
#include "test/simulation/user.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace sandbase::sim {

class world {
 public:
  /// `servers`: 1, on SQLite, or more, on a database in memory. `folder`: for the lock file of SQLite, the
  /// only one that is not simulated. `echo`: gets the trace.
  world(std::uint64_t seed, std::size_t servers, const std::string& folder, std::FILE* echo);
  ~world();

  /// Chaos, then calm, then the reckoning. @returns whether every promise was kept
  bool run();
  const context& outcome() const { return run_; }
  std::uint64_t deaths() const { return deaths_; }

 private:
  // world.cpp: chaos
  bool make_store();
  void make_users();
  void add_user(const new_api_key& key, habit does, bool foreign);
  void step();
  void strike(server& s);
  void step_service();
  void step_service(service_life& life);
  void run_job(service_life& life);
  void let_time_pass();
  void start_service(server& s);
  void die(server& s, bool power_cut);
  void go_on_stopping(server& s);
  void revoke_some_key();
  void revoke(caller& who);
  bool any_lives() const;

  // world_links.cpp
  void link_all();
  void check_links();

  // world_end.cpp: calm and the reckoning
  void settle();
  bool run_until_quiet();
  void pass_round();
  void audit();
  void audit_session(session_facts& s);
  void audit_session(session_facts& s, std::size_t server_number);
  void ask(task_ptr t);
  void check_writers(const stored_logs& before);
  void let_go();
  void check_given_back(const server_state& s);
  void start_services();
  void stop_services();
  void check_store();
  void check_chain(store_admin& store, const session_facts& s);

  context run_;
  durable_state durable_;
  const std::unique_ptr<store_place> place_;
  model facts_;
  tuning sizes_;
  std::vector<std::unique_ptr<user>> users_;
  std::unique_ptr<user> auditor_;
  network links_;
  fleet servers_;
  std::uint64_t deaths_ = 0;
  /// The last orderly stop.
  bool ending_ = false;

  // How likely each part gets the next turn.
  std::size_t job_weight_, io_weight_, user_weight_, time_weight_;
  std::size_t steps_;
};

}  // namespace sandbase::sim
