// SPDX-License-Identifier: Apache-2.0
#include "actors/node/node.hpp"

#include "actors/board/session_board.hpp"
#include "actors/cluster/core_client.hpp"
#include "actors/cluster/membership.hpp"
#include "actors/cluster/registrar.hpp"
#include "actors/node/node_stop.hpp"
#include "actors/node/status_desk.hpp"
#include "actors/session/session_directory.hpp"
#include "actors/store/checkpointer.hpp"
#include "actors/store/journal.hpp"
#include "actors/store/log_claimer.hpp"
#include "actors/store/log_ends.hpp"
#include "actors/store/log_reader.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <fmt/core.h>

namespace sandbase {

namespace {

template <class Actor, class... Args>
auto spawn_blocking(caf::actor_system& system, bool detached, Args&&... args) {
  return detached ? system.spawn<Actor, caf::detached>(std::forward<Args>(args)...)
                  : system.spawn<Actor>(std::forward<Args>(args)...);
}

/// Of a node that no database numbers: above all that one would give.
node_id random_node() {
  constexpr auto high = std::uint64_t{1} << 62;
  return static_cast<node_id>(high | (random_bits() & (high - 1)));
}

}  // namespace

node::node(caf::actor_system& system, node_store store, node_options options)
    : system_(system),
      backend_(std::move(store.backend)),
      lock_(std::move(store.lock)),
      token_secret_(std::move(store.token_secret)),
      guardian_(system.spawn<guardian>(options.essential_ended)) {
  auto environment = std::make_shared<session_environment>();
  environment->gate = gate_;
  spawn_journals(store, options, *environment);
  for (auto& connection : store.readers) {
    const auto calls = std::make_shared<call_watch>();
    environment->readers.push_back(
        spawn_blocking<log_reader>(system, options.detached, std::move(connection), calls));
    watch(environment->readers.back(), fmt::format("log_reader {}", environment->readers.size()), calls);
  }
  const auto lists = std::make_shared<call_watch>();
  lister_ = spawn_blocking<log_reader>(system, options.detached, std::move(store.lister), lists);
  watch(lister_, "log_reader of lists", lists);
  membership_options part;
  if (store.nodes || options.links.transport) {
    part.self.node = store.nodes ? store.nodes->self() : random_node();
    placement_ = std::make_shared<placement>(part.self.node);
    environment->placement = options.ends.nodes = placement_;
    environment->self = part.self.node;
  }
  if (store.ends) {
    const auto looks = std::make_shared<call_watch>();
    environment->ends =
        spawn_blocking<log_ends>(system, options.detached, std::move(store.ends), options.ends, looks);
    watch(environment->ends, "log_ends", looks);
  }
  spawn_sessions(environment, options);
  if (!placement_) return;
  part.core = std::make_shared<const core_parts>(core_parts{environment->readers, lister_});
  part.gate = gate_;
  part.token_secret = token_secret_;
  part.address = options.links.address;
  if (store.nodes) {
    const auto calls = std::make_shared<call_watch>();
    part.registrar = registrar_ =
        spawn_blocking<registrar>(system_, options.detached, std::move(store.nodes), calls);
    watch(registrar_, "registrar", calls);
  }
  spawn_membership(std::move(part), options);
  door_ = system_.spawn(peer_door, membership_);
  if (options.links.transport) caf::anon_send(options.links.transport, greet_with{door_});
}

node::node(caf::actor_system& system, node_options options)
    : system_(system), guardian_(system.spawn<guardian>(options.essential_ended)) {
  auto environment = std::make_shared<session_environment>();
  membership_options part;
  part.self.node = random_node();
  part.self.is_edge = true;
  part.seeds = options.links.seeds;
  part.secret_told = options.links.secret_told;
  placement_ = std::make_shared<placement>(part.self.node);
  environment->placement = options.ends.nodes = placement_;
  environment->core = system.spawn<core_client>(placement_);
  watch(environment->core, "core_client");
  environment->readers = {environment->core};
  lister_ = environment->core;
  environment->ends = system.spawn<log_ends>(environment->core, options.ends);
  watch(environment->ends, "log_ends");
  spawn_sessions(environment, options);
  spawn_membership(std::move(part), options);
}

void node::spawn_sessions(std::shared_ptr<session_environment> environment, const node_options& options) {
  environment->cache = std::make_shared<byte_account>(static_cast<std::int64_t>(options.cache_bytes));
  environment->cache_per_session = options.cache_per_session;
  environment->idle_timeout = options.idle_timeout;
  environment->max_active = options.max_active;
  environment->max_retiring = options.max_retiring;
  environment->clock = options.clock;
  // Where only this process writes, nobody else is asked.
  environment->board = system_.spawn<session_board, caf::lazy_init>(board_options{
      environment->is_watched, environment->ends ? lister_ : reader_actor{}, environment->placement});
  watch(environment->board, "session_board");
  environment_ = std::move(environment);
  directory_ = system_.spawn<session_directory>(environment_);
  watch(directory_, "session_directory");
}

void node::spawn_membership(membership_options part, const node_options& options) {
  part.self.name = options.links.name;
  part.transport = options.links.transport;
  part.directory = directory_;
  part.ends = environment_->ends;
  part.board = environment_->board;
  part.limits = options.links.limits;
  part.counts = environment_->counts;
  part.nodes = placement_;
  part.interval = options.links.interval;
  membership_ = system_.spawn<sandbase::membership>(std::move(part));
  watch(membership_, "membership");
}

void node::spawn_journals(node_store& store, const node_options& options, session_environment& environment) {
  const auto watch_calls = [this] {
    const auto calls = std::make_shared<call_watch>([&system = system_] { return system.clock().now(); });
    commits_.push_back(calls);
    return calls;
  };
  std::vector<std::shared_ptr<event_store>> writers;
  for (auto& writer : store.writers) writers.emplace_back(std::move(writer));
  for (const auto& damage : writers.front()->take_damage()) spdlog::error("{}", damage.message);
  const auto checkpoints = std::make_shared<call_watch>();
  // What all of them have written is the first one's to take into the database.
  checkpointer_ =
      spawn_blocking<sandbase::checkpointer>(system_, options.detached, writers.front(), checkpoints);
  watch(checkpointer_, "checkpointer", checkpoints);
  if (store.claimer) {
    const auto calls = watch_calls();
    claimer_ = spawn_blocking<log_claimer>(system_, options.detached, std::move(store.claimer), calls);
    watch(claimer_, "log_claimer", calls);
  }
  for (const auto& writer : writers) {
    journal_options part;
    part.max_batch_bytes = options.max_batch_bytes;
    part.checkpointer = checkpointer_;
    part.claimer = claimer_;
    part.clock = options.clock;
    part.stopwatch = options.stopwatch;
    const auto calls = part.calls = watch_calls();
    part.gate = gate_;
    part.fatal = options.disk_failed;
    auto& all = environment.journals;
    all.push_back(spawn_blocking<journal>(system_, options.detached, writer, std::move(part)));
    watch(all.back(), writers.size() == 1 ? "journal" : fmt::format("journal {}", all.size()), calls);
  }
}

const status_actor& node::status() {
  if (!status_) status_ = system_.spawn<status_desk>(shown_, directory_, membership_);
  return status_;
}

void node::kill() {
  if (!directory_) return;
  caf::anon_send(guardian_, stand_down{});
  if (status_) caf::anon_send_exit(status_, caf::exit_reason::user_shutdown);
  if (membership_) {
    caf::anon_send_exit(membership_, caf::exit_reason::user_shutdown);
    if (door_) caf::anon_send_exit(door_, caf::exit_reason::user_shutdown);
    if (registrar_) caf::anon_send_exit(registrar_, caf::exit_reason::user_shutdown);
  }
  caf::anon_send_exit(directory_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(environment_->board, caf::exit_reason::user_shutdown);
  for (const auto& reader : environment_->readers)
    caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(lister_, caf::exit_reason::user_shutdown);
  if (environment_->ends) caf::anon_send_exit(environment_->ends, caf::exit_reason::user_shutdown);
  if (claimer_) caf::anon_send_exit(claimer_, caf::exit_reason::user_shutdown);
  for (const auto& journal : environment_->journals)
    caf::anon_send_exit(journal, caf::exit_reason::user_shutdown);
  if (checkpointer_) caf::anon_send_exit(checkpointer_, caf::exit_reason::user_shutdown);
  guardian_ = nullptr;
  status_ = nullptr;
  shown_.clear();
  directory_ = nullptr;
  door_ = nullptr;
  membership_ = nullptr;
  registrar_ = nullptr;
  environment_.reset();
  lister_ = nullptr;
  claimer_ = nullptr;
  checkpointer_ = nullptr;
}

void node::begin_stop(std::function<void()> done) {
  caf::anon_send(guardian_, stand_down{});
  auto readers = environment_->readers;
  if (lister_ != readers.front()) readers.push_back(lister_);
  system_.spawn<node_stop>(directory_, std::move(readers), environment_->ends, claimer_,
                           environment_->journals, checkpointer_, std::move(done));
}

}  // namespace sandbase
