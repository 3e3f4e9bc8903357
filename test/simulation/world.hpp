// SPDX-License-Identifier: Apache-2.0
// One run: a seed, a disk, one life of the service after another, and clients who use it.
#pragma once

#include "test/simulation/disk/sim_disk.hpp"
#include "test/simulation/service_life.hpp"
#include "test/simulation/user.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace sandbase::sim {

class world {
 public:
  /// `folder`: for the lock file, the only one that is not on the simulated disk. `echo`: gets the trace.
  world(std::uint64_t seed, const std::string& folder, std::FILE* echo);
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
  void step_service();
  void run_job();
  void let_time_pass();
  void start_service();
  void die(bool power_cut);
  void go_on_stopping();
  disk_fault ask_disk(const disk_operation& op);
  bool power_fails_soon();
  void revoke_some_key();

  // world_end.cpp: calm and the reckoning
  void settle();
  bool run_until_quiet();
  void audit();
  void audit_session(session_facts& s);
  void ask(task_ptr t);
  void let_go();
  void stop_service();
  void check_store();
  void check_chain(store_admin& store, const session_facts& s);

  context run_;
  const std::string path_;
  sim_disk disk_;
  durable_state durable_;
  model facts_;
  tuning sizes_;
  std::vector<std::unique_ptr<user>> users_;
  std::unique_ptr<user> auditor_;
  std::unique_ptr<service_life> life_;
  std::chrono::milliseconds down_until_{0};
  /// A step: until then a power cut is likely.
  std::uint64_t unsound_until_ = 0;
  /// Of an orderly restart.
  std::chrono::milliseconds next_stop_step_{0};
  std::uint64_t deaths_ = 0;
  /// The last orderly stop.
  bool ending_ = false;
  /// The disk is frozen.
  bool dying_ = false;

  // How likely each part gets the next turn.
  std::size_t job_weight_, io_weight_, user_weight_, time_weight_;
  std::size_t steps_;
};

}  // namespace sandbase::sim
