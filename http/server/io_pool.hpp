// SPDX-License-Identifier: Apache-2.0
// The io threads of a process, with what the connections of each share.
#pragma once

#include "http/io/io_shard.hpp"

#include <memory>
#include <thread>
#include <vector>

namespace sandbase {

/// Construct before, destroy after everything that lives on the threads,
/// but before the actor system. `all` outlives it.
class io_pool {
 public:
  /// @pre threads > 0.
  io_pool(caf::actor_system& system, server_state& all, std::size_t threads);
  io_pool(const io_pool&) = delete;
  io_pool& operator=(const io_pool&) = delete;
  ~io_pool();

  /// Starts the threads.
  void start();
  /// Ends and joins the threads, and lets go of all cached handles. What lives on them must have ended.
  void stop();

  std::vector<io_shard*> shards() const;
  /// One a thread; essential.
  const std::vector<fan_out_actor>& fan_outs() const { return fan_outs_; }

 private:
  std::vector<std::unique_ptr<io_thread>> threads_;
  std::vector<std::unique_ptr<io_shard>> shards_;
  std::vector<fan_out_actor> fan_outs_;
  std::vector<std::thread> running_;
};

}  // namespace sandbase
