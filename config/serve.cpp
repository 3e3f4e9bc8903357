// SPDX-License-Identifier: Apache-2.0
#include "config/serve.hpp"

#include "actors/session/session_directory.hpp"
#include "actors/store/checkpointer.hpp"
#include "actors/store/journal.hpp"
#include "actors/store/log_reader.hpp"
#include "actors/system_config.hpp"
#include "config/commands/tool.hpp"
#include "config/descriptor_limit.hpp"
#include "config/logging.hpp"
#include "http/server/http_server.hpp"
#include "http/server/io_pool.hpp"
#include "persistence/backend.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <thread>

namespace sandbase {

namespace {

using namespace std::chrono_literals;

/// Shares of the five seconds that a stop may take.
constexpr auto drain_time = 2500ms;
constexpr auto cut_time = 500ms;
constexpr auto seal_time = 1000ms;
constexpr auto close_time = 500ms;

/// The disk failed: what is on it decides, and no destructor may write any more. Supervisors see the status.
[[noreturn]] void end_without_a_word(const failure& f) {
  std::fprintf(stderr, "fatal: the store's disk failed: %s\n", f.message.c_str());
  std::fflush(stderr);
  std::_Exit(70);  // EX_SOFTWARE of sysexits.h
}

/// The signals that end the service, taken by sigwait() alone. Made before any thread starts.
class stop_signals {
 public:
  stop_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  void wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
  }
  /// From now on the next one ends the process at once.
  void end_at_next() const {
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGINT, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  }

 private:
  sigset_t set_{};
};

/// The store with everything that was found when it was opened.
struct opened_store {
  std::unique_ptr<store_backend> backend;
  std::unique_ptr<exclusive_lock> lock;
  std::unique_ptr<event_store> writer;
  std::string token_secret;
  std::vector<std::unique_ptr<event_reader>> readers;
  std::vector<ledger_row> unsealed;
};

/// What is met in an open store does not name it.
failure in_store(const server_options& options, const failure& f) {
  return {f.code, options.store_url + ": " + f.message};
}

result<opened_store> open_for_service(const server_options& options) {
  opened_store store;
  auto backend = open_backend(options.store_url, true);
  if (!backend) return backend.error();
  store.backend = std::move(*backend);
  auto lock = store.backend->lock("serve");
  if (!lock) return lock.error();
  store.lock = std::move(*lock);
  auto writer = store.backend->open_writer();
  if (!writer) return in_store(options, writer.error());
  store.writer = std::move(*writer);
  auto secret = store.writer->secret("stream_tokens");
  if (!secret) return in_store(options, secret.error());
  store.token_secret = std::move(*secret);
  auto unsealed = store.writer->scan();
  if (!unsealed) return in_store(options, unsealed.error());
  store.unsealed = std::move(*unsealed);
  for (const auto& damage : store.writer->damage()) spdlog::error("{}", damage.message);
  for (std::size_t i = 0; i < options.store_readers; ++i) {
    auto reader = store.backend->open_reader();
    if (!reader) return in_store(options, reader.error());
    store.readers.push_back(std::move(*reader));
  }
  return store;
}

/// A listener that could not be started: the option says where to look.
failure of_option(std::string_view option, const failure& f) {
  return {f.code, std::string{option}.append(": ").append(f.message)};
}

/// Raises the soft limit of descriptors to the hard one. If even that is too low, fewer connections are
/// taken: the store and whoever asks on the admin listener whether this lives must not go without.
void fit_connections_to_descriptors(http_options& http, std::size_t readers) {
  // The database, its log and index for each connection to it, listeners, what CAF and the C library hold.
  constexpr std::size_t beside_connections = 64;
  const auto kept = http.max_admin_connections + 4 * readers + beside_connections;
  const auto limit = raise_descriptor_limit();
  if (!limit)
    return spdlog::warn("the limit of file descriptors could not be raised: {}", limit.error().message);
  if (*limit >= http.max_connections + kept) return;
  const auto fewer = *limit > 2 * kept ? *limit - kept : *limit / 2;
  spdlog::warn(
      "http.max_connections is {}, but this process may have only {} file descriptors (ulimit -Hn): {} are "
      "taken",
      http.max_connections, *limit, fewer);
  http.max_connections = fewer;
}

/// Has large buffers, bodies first of all, go back to the system when they are let go of. glibc would raise
/// its threshold for mmap to the largest that was freed (mallopt(3)): they would leave holes in its heaps,
/// and appends in work take 2 times the bytes of their bodies instead of 1.4 times.
void keep_large_buffers_out_of_heaps() {
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  mallopt(M_TRIM_THRESHOLD, 8 * 1024 * 1024);
}

/// The actors behind the HTTP layer.
struct back_end {
  checkpointer_actor checkpointer;
  journal_actor journal;
  std::vector<reader_actor> readers;
  directory_actor directory;
};

back_end spawn_back_end(caf::actor_system& system, opened_store& store, const server_options& options) {
  back_end actors;
  journal_options journal_part;
  journal_part.fatal = end_without_a_word;
  const std::shared_ptr<event_store> writer{std::move(store.writer)};
  actors.checkpointer = system.spawn<checkpointer, caf::detached>(writer);
  journal_part.checkpointer = actors.checkpointer;
  actors.journal = system.spawn<journal, caf::detached>(writer, std::move(store.unsealed), journal_part);
  for (auto& reader : store.readers)
    actors.readers.push_back(system.spawn<log_reader, caf::detached>(std::move(reader), actors.journal));
  auto environment = std::make_shared<session_environment>();
  environment->journal = actors.journal;
  environment->readers = actors.readers;
  environment->cache = std::make_shared<byte_account>(static_cast<std::int64_t>(options.session_cache_bytes));
  environment->idle_timeout = options.session_idle_timeout;
  actors.directory = system.spawn<session_directory>(std::move(environment));
  return actors;
}

/// Sessions seal and quit, then the readers close, then the journal commits what is left and closes: the last
/// connection takes the log into the database file, which only the writing one can.
void stop_back_end(caf::actor_system& system, back_end& actors) {
  caf::scoped_actor self{system, true};
  self->request(actors.directory, seal_time, retire_all{})
      .receive([](const done_answer&) {},
               [](const caf::error&) {
                 spdlog::warn("some sessions were not sealed in time: the next start does it");
               });
  for (auto& reader : actors.readers) {
    self->monitor(reader);
    caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  }
  for (std::size_t i = 0; i < actors.readers.size(); ++i)
    self->receive([](const caf::down_msg&) {},
                  caf::after(close_time) >> [] { spdlog::warn("a reader did not close in time"); });
  self->request(actors.journal, close_time, journal_stop{})
      .receive([](const done_answer&) {},
               [](const caf::error&) { spdlog::warn("the journal did not close in time"); });
  caf::anon_send_exit(actors.checkpointer, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(actors.directory, caf::exit_reason::user_shutdown);
  actors = {};
}

}  // namespace

int run_server(const server_options& options) {
  keep_large_buffers_out_of_heaps();
  const stop_signals signals;
  const logging log{options.log_level, options.log_format};
  auto http = options.http;
  fit_connections_to_descriptors(http, options.store_readers);
  auto store = open_for_service(options);
  if (!store && store.error().code == errc::io_failed) end_without_a_word(store.error());
  if (!store) return report(store.error(), exit_refused);

  system_config config{std::max(1u, std::thread::hardware_concurrency())};
  config.add_message_types<caf::id_block::sandbase_http>();
  caf::actor_system system{config};
  auto actors = spawn_back_end(system, *store, options);
  http.token_secret = store->token_secret;
  server_state all{std::move(http), actors.directory, actors.readers, system_now};
  io_pool pool{system, all, options.io_threads()};
  auto api = http_server::start(system, options.http_listen, http_surface::api, pool.shards());
  auto admin = http_server::start(system, options.admin_listen, http_surface::admin, pool.shards());
  pool.start();
  int status = 0;
  if (api && admin) {
    std::printf("listening on http://%s\nadmin on http://%s\n", (*api)->address().c_str(),
                (*admin)->address().c_str());
    std::fflush(stdout);
    signals.wait();
    spdlog::info("stopping");
  } else {
    status = report(api ? of_option("admin.listen", admin.error()) : of_option("http.listen", api.error()),
                    exit_refused);
  }
  signals.end_at_next();
  all.draining = true;
  if (api) {
    (*api)->begin_shutdown();
    if (!(*api)->wait_closed(drain_time)) {
      (*api)->abort();
      (*api)->wait_closed(cut_time);
    }
  }
  if (admin) {
    (*admin)->abort();
    (*admin)->wait_closed(cut_time);
  }
  stop_back_end(system, actors);
  pool.stop();
  return status;
}

}  // namespace sandbase
