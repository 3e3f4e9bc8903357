// SPDX-License-Identifier: Apache-2.0
// One life of the service: the product's own actors from start to death, stepped by hand on one thread. A
// restart is another life over the same disk.
#pragma once

#include "actors/node/node.hpp"
#include "actors/node/system_config.hpp"
#include "http/io/fan_out.hpp"
#include "http/server/connection.hpp"
#include "persistence/backend.hpp"
#include "test/simulation/context.hpp"
#include "test/simulation/network.hpp"
#include "test/simulation/watched_store.hpp"

#include <caf/actor_addr.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sandbase::sim {

/// Sizes and times that a run draws from its seed: small, so that bounds and deadlines are met.
struct tuning {
  std::size_t io_threads = 2;
  std::size_t readers = 1;
  std::size_t cache_bytes = 0;
  std::size_t cache_per_session = 0;
  std::chrono::milliseconds session_idle_timeout{};
  std::size_t max_batch_bytes = 0;
  std::int64_t max_unsealed_bytes = 0;
  std::size_t max_active = 0;
  std::size_t max_retiring = 0;
  /// Between two looks for other servers.
  std::chrono::milliseconds link_interval{500};
  http_options http;
};
tuning draw_tuning(random_source& random);

class service_life {
 public:
  /// Where one starts.
  struct site {
    /// In the trace; empty: there is one server.
    std::string name;
    std::unique_ptr<store_backend> backend;
    /// Of the store, in messages.
    std::string store_name;
    std::chrono::milliseconds clock_ahead{0};
    /// Null: it has no links.
    network* links = nullptr;
    /// There.
    std::size_t number = 0;
    /// The disk failed; the process is over, nothing may be written any more.
    std::function<void()> on_fatal;
  };
  /// Opens the store and starts the actors, as `serve` does. A failure: the service refuses to start.
  static result<std::unique_ptr<service_life>> start(context& run, const tuning& sizes, site where,
                                                     durable_state& durable);
  service_life(const service_life&) = delete;
  service_life& operator=(const service_life&) = delete;
  /// Ends everything without sealing or answering. @pre nothing that comes now reaches disk or clients
  ~service_life();

  // --- steps: all that can happen inside ------------------------------------------------

  bool has_jobs() const { return !scheduler_->jobs.empty(); }
  /// Some actor on the scheduler handles one message; while a reader reads, others may handle some.
  /// @pre has_jobs()
  void run_job();
  std::size_t threads() const { return io_.size(); }
  /// One handler of an io thread, if it has one. @returns whether it had
  bool poll(std::size_t thread);
  /// Whether poll(thread) may find something: nobody has found it idle since anything happened.
  bool may_be_ready(std::size_t thread) const { return ready_[thread]; }
  /// What is outside did something to the sockets.
  void touched() { ready_.assign(ready_.size(), true); }
  /// Brings the service's clocks to the run's time. Deadlines of io threads
  /// are looked at late, at most by a tick, unless `exactly`.
  void follow_clock(bool exactly);
  /// No job, no handler is left.
  bool is_quiet() const;
  /// The actor whose turn was last gets none for this many jobs, if there are others.
  void starve(std::size_t jobs) { starved_ = last_job_, starved_jobs_ = jobs; }

  // --- the edge ---------------------------------------------------------------------------

  /// A new connection on an io thread. @returns the client's end, a non-blocking socket
  int connect(std::size_t thread, int send_buffer);
  bool dead() const { return dead_; }
  /// SIGTERM: no new connections, what runs is answered, streams say why they close.
  void begin_drain();
  bool is_draining() const { return shared_->draining; }
  /// Some time later: connections are cut, sessions seal, the journal closes. The steps that follow do it.
  void begin_stop();
  bool is_stopping() const { return stopping_; }
  bool has_stopped() const { return stopped_; }
  /// To every other server that it knows of.
  bool is_linked_to_all() const { return node_->environment()->placement->is_linked_to_all(); }
  const server_state& shared() const { return *shared_; }
  /// By id: the epoch in which a session here believes to be the writer. The steps that follow fill it in.
  using writers = std::map<std::string, epoch_t>;
  std::shared_ptr<const writers> ask_for_writers();
  std::int64_t cached_bytes() const { return node_->environment()->cache->used(); }

 private:
  service_life(context& run, const tuning& sizes, site where);
  result<void> open(durable_state& durable);
  void spawn_actors();
  void exit_all();
  void end_process(const std::string& why);
  bool run_everything();
  void go_on_beside();
  void remember(caf::resumable* job);

  struct config : system_config {
    config();
  };

  context& run_;
  const tuning& sizes_;
  site where_;
  bool dead_ = false;
  bool stopping_ = false;
  bool stopped_ = false;

  /// Until the actors have it.
  std::optional<node_store> store_;

  config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
  std::unique_ptr<node> node_;
  std::unique_ptr<server_state> shared_;
  std::vector<std::unique_ptr<io_thread>> io_;
  std::vector<std::unique_ptr<io_shard>> shards_;
  std::vector<fan_out_actor> fan_outs_;
  std::vector<connection_actor> connections_;
  /// Every actor that ever had a turn.
  std::map<caf::actor_id, caf::actor_addr> scheduled_;

  std::vector<bool> ready_;
  std::vector<std::chrono::milliseconds> swept_at_;
  std::chrono::milliseconds clock_{0};
  caf::resumable* last_job_ = nullptr;
  caf::resumable* starved_ = nullptr;
  std::size_t starved_jobs_ = 0;
};

}  // namespace sandbase::sim
