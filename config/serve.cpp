// SPDX-License-Identifier: Apache-2.0
#include "config/serve.hpp"

#include "actors/diagnostics/log_event.hpp"
#include "actors/node/node.hpp"
#include "config/cluster_links.hpp"
#include "config/cluster_plan.hpp"
#include "config/commands/tool.hpp"
#include "config/descriptor_limit.hpp"
#include "config/logging.hpp"
#include "config/supervisor.hpp"
#include "http/server/http_server.hpp"
#include "http/server/io_pool.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/core.h>
#include <functional>
#include <future>
#include <malloc.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sandbase {

namespace {

using namespace std::chrono_literals;

/// Shares of the five seconds that a stop may take.
constexpr auto drain_time = 2500ms;
constexpr auto cut_time = 500ms;
constexpr auto stop_time = 2000ms;

/// No destructor may write any more. Supervisors see the status.
[[noreturn]] void end_at_once(const std::string& why) {
  std::fprintf(stderr, "fatal: %s\n", why.c_str());
  std::fflush(stderr);
  std::_Exit(70);  // EX_SOFTWARE of sysexits.h
}
/// What is on the disk decides.
[[noreturn]] void end_at_failed_disk(const failure& f) {
  end_at_once("the store's disk failed: " + f.message);
}
/// What is left would only seem to live.
[[noreturn]] void end_at_lost_actor(const std::string& name, const std::string& why) {
  end_at_once(fmt::format("the {} has ended: {}", name, why));
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
  /// @returns whether one has come within that time
  bool wait_for(std::chrono::milliseconds time) const {
    const timespec t{time.count() / 1000, time.count() % 1000 * 1'000'000};
    return sigtimedwait(&set_, nullptr, &t) > 0;
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

/// A listener that could not be started: the option says where to look.
failure of_option(std::string_view option, const failure& f) {
  return {f.code, fmt::format("{}: {}", option, f.message)};
}

/// Raises the soft limit of descriptors to the hard one. If even that is too low, fewer connections are
/// taken: the store and whoever asks on the admin listener whether this lives must not go without.
void fit_connections_to_descriptors(http_options& http, std::size_t store_connections) {
  // The database, its log and index for each connection to it, listeners, links, what CAF and the C library
  // hold.
  constexpr std::size_t beside_connections = 128;
  const auto kept = http.max_admin_connections + 4 * store_connections + beside_connections;
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

node_options options_for_node(const server_options& options, const std::shared_ptr<wall_clock>& clock,
                              const cluster_links& links) {
  node_options part;
  part.cache_bytes = options.session_cache_bytes;
  part.idle_timeout = options.session_idle_timeout;
  part.max_active = options.session_max_active;
  part.clock = part.ends.clock = clock;
  if (links.transport) part.links.transport = links.transport->actor();
  part.links.name = links.own.name;
  part.links.address = links.own.address;
  part.links.limits = options.http.limits;
  part.disk_failed = end_at_failed_disk;
  part.essential_ended = end_at_lost_actor;
  return part;
}

/// What an edge has to be told before it can serve: the key that stream tokens are signed with.
class told_secret {
 public:
  std::function<void(const std::string&)> setter() {
    return [this](const std::string& secret) {
      if (!is_told_.exchange(true)) promise_.set_value(secret);
    };
  }
  /// Empty: a signal came first.
  std::optional<std::string> wait(const stop_signals& signals) {
    auto told = promise_.get_future();
    while (told.wait_for(0s) != std::future_status::ready)
      if (signals.wait_for(50ms)) return std::nullopt;
    return told.get();
  }

 private:
  std::atomic<bool> is_told_{false};
  std::promise<std::string> promise_;
};

/// A node over the store, or an edge once it knows a node that has one; null: a signal came first.
result<std::unique_ptr<node>> start_node(caf::actor_system& system, const server_options& options,
                                         const cluster_links& links, const std::vector<std::string>& seeds,
                                         node_options part, const stop_signals& signals,
                                         std::string& secret) {
  if (seeds.empty()) {
    tell_status("opening the store");  // a new version may have much to change in it
    node_store_options store_part;
    store_part.own = links.own;
    store_part.readers = options.store_readers;
    store_part.writers = options.store_journals;
    store_part.max_unsealed_bytes = options.journal_max_bytes;
    auto store = open_node_store(options.store, store_part);
    if (!store) return std::move(store).error();
    const auto unsealed = store->writers.front()->unsealed();
    log_event(spdlog::level::info, "store opened", field("store", options.store.url),
              field("unsealed_sessions", unsealed.sessions), field("unsealed_bytes", unsealed.bytes));
    auto made = std::make_unique<node>(system, *std::move(store), std::move(part));
    secret = made->token_secret();
    return made;
  }
  const auto told = std::make_shared<told_secret>();
  part.links.seeds = seeds;
  part.links.secret_told = [told, set = told->setter()](const std::string& s) { set(s); };
  auto made = std::make_unique<node>(system, std::move(part));
  spdlog::info("waiting for a server that has the store");
  tell_status("waiting for a server that has the store");
  auto found = told->wait(signals);
  if (!found) return std::unique_ptr<node>{};
  secret = *std::move(found);
  return made;
}

/// @returns whether it stopped in time
bool stop(node& part) {
  // Shared: it may be late.
  const auto stopped = std::make_shared<std::promise<void>>();
  part.begin_stop([stopped] { stopped->set_value(); });
  return stopped->get_future().wait_for(stop_time) == std::future_status::ready;
}

/// Those that only wait for messages: what lives in the process as long as these answer.
std::vector<described_actor> parts_with_a_pulse(const node& actors, const io_pool& pool) {
  std::vector<described_actor> parts{actors.directory()};
  for (const auto& part : pool.fan_outs()) parts.emplace_back(part);
  return parts;
}

}  // namespace

int run_server(const server_options& options) {
  keep_large_buffers_out_of_heaps();
  const stop_signals signals;
  const logging log{options.log_level, options.log_format};
  const auto cluster = plan_cluster(options, process_environment);
  if (!cluster) return report(cluster.error(), exit_refused);
  auto http = options.http;
  // Lists, claims, vacuums, where logs end, and which nodes there are.
  constexpr std::size_t others = 5;
  fit_connections_to_descriptors(http, options.store_readers + options.store_journals + others);
  const auto config = make_system_config(*cluster, options.workers());
  config->add_message_types<caf::id_block::sandbase_http>();
  caf::actor_system system{*config};
  const auto links = start_links(system, *cluster);
  if (!links) return report(of_option("cluster.listen", links.error()), exit_refused);
  const auto clock = std::make_shared<wall_clock>();
  std::vector<std::string> seeds;
  if (*cluster)
    for (const auto& address : (*cluster)->join) seeds.push_back(format_link_address(address));
  auto started = start_node(system, options, *links, seeds, options_for_node(options, clock, *links), signals,
                            http.token_secret);
  if (!started && started.error().code == errc::io_failed) end_at_failed_disk(started.error());
  if (!started) return report(started.error(), exit_refused);
  if (!*started) return 0;
  node& actors = **started;
  server_state all{std::move(http),
                   {actors.directory(),
                    actors.readers(),
                    actors.lister(),
                    clock,
                    actors.board(),
                    actors.commits(),
                    actors.status(),
                    {actors.journals().begin(), actors.journals().end()},
                    actors.gate(),
                    actors.has_links(),
                    !seeds.empty()}};
  io_pool pool{system, all, options.io_threads()};
  if (links->transport) actors.watch(links->transport->actor(), "transport");
  for (std::size_t i = 0; const auto& part : pool.fan_outs())
    actors.watch(part, fmt::format("fan_out {}", ++i));
  auto api = http_server::start(system, options.http_listen, http_surface::api, pool.shards());
  auto admin = http_server::start(system, options.admin_listen, http_surface::admin, pool.shards());
  if (api) actors.watch((*api)->listener(), "acceptor", nullptr, watch_over::lasts::until_told);
  if (admin) actors.watch((*admin)->listener(), "admin_acceptor", nullptr, watch_over::lasts::until_told);
  pool.start();
  int status = 0;
  caf::actor beating;
  if (api && admin) {
    std::printf("listening on http://%s\nadmin on http://%s\n", (*api)->address().c_str(),
                (*admin)->address().c_str());
    std::fflush(stdout);
    log_event(spdlog::level::info, "started", field("version", SANDBASE_VERSION),
              field("store", seeds.empty() ? options.store.url : "that of other servers"),
              field("http", (*api)->address()), field("admin", (*admin)->address()),
              field("links", links->own.address), field("io_threads", options.io_threads()),
              field("workers", options.workers()));
    tell_ready("serving at http://" + (*api)->address());
    beating = start_pulse(system, parts_with_a_pulse(actors, pool));
    signals.wait();
    spdlog::info("stopping");
    tell_stopping();
  } else {
    status = report(api ? of_option("admin.listen", admin.error()) : of_option("http.listen", api.error()),
                    exit_refused);
  }
  signals.end_at_next();
  all.draining = true;
  actors.leave_cluster();
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
  if (beating) caf::anon_send_exit(beating, caf::exit_reason::user_shutdown);
  if (!stop(actors)) spdlog::warn("some parts did not stop in time");
  pool.stop();
  return status;
}

}  // namespace sandbase
