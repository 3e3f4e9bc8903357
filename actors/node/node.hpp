// SPDX-License-Identifier: Apache-2.0
// A node: the actors behind the HTTP layer, spawned, watched and stopped in order. `serve`, the tests and the
// simulation have the same one; only where its actors run differs.
#pragma once

#include "actors/bounds/byte_account.hpp"
#include "actors/cluster/membership.hpp"
#include "actors/diagnostics/call_watch.hpp"
#include "actors/diagnostics/service_gate.hpp"
#include "actors/messages/all.hpp"
#include "actors/node/guardian.hpp"
#include "actors/node/node_store.hpp"
#include "actors/session/session_environment.hpp"
#include "actors/store/log_ends.hpp"
#include "events/base/wall_clock.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sandbase {

/// What a node that others link to needs beside its store.
struct node_links {
  /// Null: nobody is dialed and nobody comes, as in tests.
  transport_actor transport;
  /// As others are told.
  std::string name;
  /// Where others find this node, for edges that it tells; empty: nowhere.
  std::string address;
  /// Of an edge: where it looks for nodes with a store, HOST:PORT each.
  std::vector<std::string> seeds;
  /// Of an edge: called, on any thread, with what stream tokens are signed with, whenever it is told.
  std::function<void(const std::string&)> secret_told;
  /// For the bodies that others forward.
  send_limits limits;
  std::chrono::milliseconds interval{500};
};

struct node_options {
  /// Where actors run whose calls block: threads of their own, or the scheduler of a test.
  bool detached = true;
  /// Of events in one transaction.
  std::size_t max_batch_bytes = 16 * 1024 * 1024;
  std::size_t cache_bytes = 64 * 1024 * 1024;
  std::size_t cache_per_session = 1024 * 1024;
  std::chrono::milliseconds idle_timeout{300'000};
  std::size_t max_active = 40'000;
  std::size_t max_retiring = 256;
  log_ends_options ends;
  /// Read where the store has a list of nodes, or there is a transport.
  node_links links;
  std::shared_ptr<const wall_clock> clock = std::make_shared<wall_clock>();
  std::function<std::chrono::steady_clock::time_point()> stopwatch = std::chrono::steady_clock::now;
  /// The disk failed: what is on it decides. Must not return to normal service.
  std::function<void(const failure&)> disk_failed;
  /// An essential actor has ended outside a stop.
  guardian::ended_fn essential_ended;
};

class node {
 public:
  /// `store` stays locked until this is gone.
  node(caf::actor_system& system, node_store store, node_options options);
  /// An edge: it has no store, and asks nodes that have one.
  node(caf::actor_system& system, node_options options);
  node(const node&) = delete;
  node& operator=(const node&) = delete;
  ~node() { kill(); }

  const directory_actor& directory() const { return directory_; }
  const std::vector<journal_actor>& journals() const { return environment_->journals; }
  /// Null: journals claim by themselves.
  const claimer_actor& claimer() const { return claimer_; }
  const std::vector<reader_actor>& readers() const { return environment_->readers; }
  /// The reader that lists sessions.
  const reader_actor& lister() const { return lister_; }
  /// Who watches a workspace asks it.
  const board_actor& board() const { return environment_->board; }
  const checkpointer_actor& checkpointer() const { return checkpointer_; }
  std::shared_ptr<const session_environment> environment() const { return environment_; }
  /// Null where there are no links.
  const membership_actor& membership() const { return membership_; }
  bool has_links() const { return static_cast<bool>(membership_); }
  /// Of journals, and of who claims for them: for how long whoever wants to write has waited.
  const call_watches& commits() const { return commits_; }
  /// Whether it takes requests.
  std::shared_ptr<const service_gate> gate() const { return gate_; }
  /// Makes the status page; started when it is first asked for.
  const status_actor& status();
  const std::string& token_secret() const { return token_secret_; }
  /// @pre this is no edge
  store_backend& backend() { return *backend_; }

  /// One more actor that must not end by itself, and stands on the status page. `calls`: if it has some that
  /// block.
  template <class Handle>
  void watch(const Handle& handle, std::string name, std::shared_ptr<const call_watch> calls = nullptr,
             watch_over::lasts how_long = watch_over::lasts::until_stop) {
    shown_.push_back({name, handle, std::move(calls)});
    if (status_) caf::anon_send(status_, shown_.back());
    caf::anon_send(guardian_,
                   watch_over{caf::actor_cast<caf::strong_actor_ptr>(handle), std::move(name), how_long});
  }

  /// Others take over what this node owns, from their next appends on. It still does what it is asked to.
  void leave_cluster() {
    if (membership_) caf::anon_send(membership_, sandbase::leave_cluster{});
  }

  /// Begins to stop: sessions seal and quit, then the readers close, then the journals commit what is left
  /// and close: the last connection takes the log into the database file, which only the writing one can.
  /// `done` is called when all have ended or have not in time; on a thread of the actor system.
  void begin_stop(std::function<void()> done);

  /// Ends what is left at once, without sealing or answering, as a crash does; what is committed stays. The
  /// store stays locked until this is gone. Lets go of all handles.
  void kill();

 private:
  void spawn_journals(node_store& store, const node_options& options, session_environment& environment);
  void spawn_sessions(std::shared_ptr<session_environment> environment, const node_options& options);
  void spawn_membership(membership_options part, const node_options& options);

  caf::actor_system& system_;
  std::unique_ptr<store_backend> backend_;
  std::unique_ptr<exclusive_lock> lock_;
  std::string token_secret_;
  call_watches commits_;
  const std::shared_ptr<service_gate> gate_ = std::make_shared<service_gate>();
  guardian_actor guardian_;
  /// Null as long as nobody asked for it.
  status_actor status_;
  /// Who stands on its page.
  std::vector<show_part> shown_;
  checkpointer_actor checkpointer_;
  claimer_actor claimer_;
  reader_actor lister_;
  std::shared_ptr<const session_environment> environment_;
  directory_actor directory_;
  std::shared_ptr<placement> placement_;
  registrar_actor registrar_;
  membership_actor membership_;
  peer_actor door_;
};

}  // namespace sandbase
