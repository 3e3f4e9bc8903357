// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/service_life.hpp"

#include <caf/actor_cast.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <cstdlib>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>

namespace sandbase::sim {

namespace {

using namespace std::chrono_literals;

/// Names an actor in the trace.
std::string name_of(const caf::scheduled_actor& a) { return fmt::format("{} {}", a.name(), a.id()); }

}  // namespace

tuning draw_tuning(random_source& random) {
  const std::vector<std::size_t> caches{0, 70'000, 1'000'000};
  tuning t;
  t.io_threads = random.between(1, 3);
  t.readers = random.between(1, 2);
  t.cache_bytes = random.pick(caches);
  t.cache_per_session = random.chance(500) ? 80'000 : 1'000'000;
  t.session_idle_timeout = std::chrono::milliseconds{random.between(500, 20'000)};
  t.max_batch_bytes = random.chance(300) ? random.between(500, 50'000) : 16 * 1024 * 1024;
  t.max_unsealed_bytes =
      static_cast<std::int64_t>(random.chance(300) ? random.between(60'000, 400'000) : 64 * 1024 * 1024);
  t.max_active = random.chance(300) ? random.between(1, 4) : 40'000;
  t.max_retiring = random.chance(300) ? random.between(1, 3) : 256;
  auto& h = t.http;
  h.header_timeout = h.body_timeout = 20s;
  h.write_timeout = std::chrono::milliseconds{random.between(4'000, 30'000)};
  h.request_timeout = shortest_request_timeout + std::chrono::milliseconds{random.below(50'000)};
  h.stream_heartbeat = std::chrono::milliseconds{random.between(1'000, 15'000)};
  if (random.chance(200)) h.stream_max_age = std::chrono::milliseconds{random.between(3'000, 30'000)};
  if (random.chance(250)) h.max_bytes_out = static_cast<std::int64_t>(random.between(100'000, 1'500'000));
  if (random.chance(250)) h.max_bytes_in = static_cast<std::int64_t>(random.between(20'000, 200'000));
  return t;
}

service_life::config::config() {
  add_message_types<caf::id_block::sandbase_http>();
  set("scheduler.policy", caf::atom("testing"));
  set("logger.file-verbosity", caf::atom("quiet"));
  set("logger.console-verbosity", caf::atom("quiet"));
  set("logger.inline-output", true);
}

// --- start -----------------------------------------------------------------------------------

service_life::service_life(context& run, const tuning& sizes, site where)
    : run_(run), sizes_(sizes), where_(std::move(where)), clock_(run.elapsed()) {
  run_.disk_has_failed = false;
  // What a reader walks through in a shared database is a moment of it.
  if (run_.servers == 1) run_.others_go_on = [this] { go_on_beside(); };
}

result<std::unique_ptr<service_life>> service_life::start(context& run, const tuning& sizes, site where,
                                                          durable_state& durable) {
  std::unique_ptr<service_life> life{new service_life{run, sizes, std::move(where)}};
  if (auto opened = life->open(durable); !opened) return opened.error();
  life->spawn_actors();
  return life;
}

result<void> service_life::open(durable_state& durable) {
  node_store_options options;
  options.purpose = "simulation";
  options.readers = sizes_.readers;
  options.max_unsealed_bytes = sizes_.max_unsealed_bytes;
  if (where_.links) options.own = network::announcement_of(where_.number);
  auto store = open_node_store(std::move(where_.backend), where_.store_name, options);
  if (!store) return store.error();
  for (const auto& d : store->writers.front()->take_damage())
    run_.fail("the journal is damaged after a start: " + d.message);
  for (auto& writer : store->writers) writer = watch(std::move(writer), run_, durable);
  for (auto& reader : store->readers) reader = watch(std::move(reader), run_, durable);
  store->lister = watch(std::move(store->lister), run_, durable);
  store_ = *std::move(store);
  return {};
}

void service_life::spawn_actors() {
  system_ = std::make_unique<caf::actor_system>(config_);
  scheduler_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  const auto clock = std::make_shared<virtual_clock>(where_.clock_ahead);
  node_options options;
  options.detached = false;
  options.max_batch_bytes = sizes_.max_batch_bytes;
  options.cache_bytes = sizes_.cache_bytes;
  options.cache_per_session = sizes_.cache_per_session;
  options.idle_timeout = sizes_.session_idle_timeout;
  options.max_active = sizes_.max_active;
  options.max_retiring = sizes_.max_retiring;
  options.clock = options.ends.clock = clock;
  // Each look at it takes a millisecond more than what has passed.
  options.stopwatch = [this, looks = std::chrono::milliseconds{0}]() mutable {
    return std::chrono::steady_clock::time_point{run_.elapsed() + ++looks};
  };
  options.disk_failed = [this](const failure& f) { end_process("fatal: " + f.message); };
  options.essential_ended = [this](const std::string& name, const std::string& why) {
    end_process(fmt::format("the {} has ended: {}", name, why));
  };
  if (where_.links) {
    options.links.transport = where_.links->join(where_.number, *system_);
    options.links.name = network::announcement_of(where_.number).name;
    options.links.interval = sizes_.link_interval;
    options.links.limits = sizes_.http.limits;
  }
  node_ = std::make_unique<node>(*system_, *std::move(store_), std::move(options));
  store_.reset();
  auto http = sizes_.http;
  http.token_secret = node_->token_secret();
  service_actors actors{node_->directory(), node_->readers(), node_->lister(), clock};
  actors.board = node_->board();
  actors.forwards_appends = node_->has_links();
  shared_ = std::make_unique<server_state>(std::move(http), std::move(actors));
  for (std::size_t i = 0; i < sizes_.io_threads; ++i) {
    io_.push_back(std::make_unique<io_thread>(*system_));
    io_.back()->sweep(io_thread::clock::time_point{clock_});
    shards_.push_back(std::make_unique<io_shard>(*io_.back(), *shared_));
    shards_.back()->next_reader = i;
    fan_outs_.push_back(system_->spawn<fan_out>(*shards_.back()));
    node_->watch(fan_outs_.back(), "fan_out");
  }
  ready_.assign(io_.size(), true);
  swept_at_.assign(io_.size(), clock_);
}

void service_life::end_process(const std::string& why) {
  run_.note(where_.name, why);
  dead_ = true;
  where_.on_fatal();
}

// --- steps -----------------------------------------------------------------------------------

void service_life::remember(caf::resumable* job) {
  if (auto* a = dynamic_cast<caf::scheduled_actor*>(job)) scheduled_.try_emplace(a->id(), a->address());
}

void service_life::run_job() {
  auto& jobs = scheduler_->jobs;
  auto i = run_.random.below(jobs.size());
  if (starved_jobs_ > 0) {
    --starved_jobs_;
    if (jobs[i] == starved_) i = (i + 1) % jobs.size();
  }
  std::swap(jobs.front(), jobs[i]);
  auto* job = jobs.front();
  remember(job);
  last_job_ = job;
  if (const auto* a = dynamic_cast<caf::scheduled_actor*>(job))
    run_.note(where_.name, name_of(*a), " has a turn");
  scheduler_->run_once();
  touched();
}

void service_life::go_on_beside() {
  for (auto left = run_.random.between(1, 20); left > 0 && has_jobs() && !dead_; --left) run_job();
}

bool service_life::poll(std::size_t thread) {
  auto& context = io_[thread]->context();
  context.restart();
  const bool had = context.poll_one() > 0;
  if (had) run_.note(where_.name, "io thread ", thread, " has a turn");
  ready_[thread] = had;
  return had;
}

void service_life::follow_clock(bool exactly) {
  const auto now = run_.elapsed();
  if (now > clock_) {
    scheduler_->advance_time(now - clock_);
    clock_ = now;
    touched();
  }
  for (std::size_t i = 0; i < io_.size(); ++i) {
    const bool late = now - swept_at_[i] >= io_thread::tick;
    if (now == swept_at_[i] || !(exactly || late || run_.random.chance(300))) continue;
    swept_at_[i] = now;
    io_[i]->sweep(io_thread::clock::time_point{now});
    ready_[i] = true;
  }
}

bool service_life::is_quiet() const {
  return !has_jobs() && std::find(ready_.begin(), ready_.end(), true) == ready_.end();
}

int service_life::connect(std::size_t thread, int send_buffer) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
  if (send_buffer > 0) ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
  stream_socket socket{io_[thread]->context()};
  socket.assign(boost::asio::generic::stream_protocol{AF_UNIX, 0}, ends[0]);
  connections_.push_back(system_->spawn<connection>(*shards_[thread], std::move(socket), http_surface::api));
  touched();
  return ends[1];
}

void service_life::begin_drain() {
  shared_->draining = true;
  for (auto& c : connections_) caf::anon_send(c, sandbase::begin_drain{});
  node_->leave_cluster();
  touched();
}

void service_life::begin_stop() {
  shared_->draining = true;
  stopping_ = true;
  for (auto& c : connections_) caf::anon_send(c, abort_now{});
  connections_.clear();
  node_->begin_stop([this] { stopped_ = true; });
  touched();
}

std::shared_ptr<const service_life::writers> service_life::ask_for_writers() {
  const auto found = std::make_shared<writers>();
  const auto ask_one = [](caf::event_based_actor* me, const active_sessions::one& s,
                          const std::shared_ptr<writers>& into) {
    me->request(s.session, caf::infinite, describe_actor{})
        .then(
            [into, id = s.id](const actor_status& is) {
              if (is.phase == "writer") (*into)[id] = static_cast<epoch_t>(is.of("epoch"));
            },
            [](const caf::error&) {});
  };
  const auto ask = [ask_one](caf::event_based_actor* me, const directory_actor& directory,
                             const std::shared_ptr<writers>& into) {
    me->request(directory, caf::infinite, list_active{{}, SIZE_MAX, 0})
        .then(
            [=](const active_sessions& all) {
              for (const auto& s : all.sessions) ask_one(me, s, into);
            },
            [](const caf::error&) {});
  };
  system_->spawn(ask, node_->directory(), found);
  return found;
}

// --- the end ----------------------------------------------------------------------------------

bool service_life::run_everything() {
  bool any = false;
  for (bool ran = true; ran;) {
    ran = false;
    while (has_jobs()) {
      remember(scheduler_->jobs.front());
      scheduler_->run_once();
      ran = true;
    }
    for (auto& io : io_) {
      io->context().restart();
      ran |= io->context().poll() > 0;
    }
    any |= ran;
  }
  return any;
}

/// Actors of io threads first: what they use there outlives them.
void service_life::exit_all() {
  for (auto& c : connections_) caf::anon_send(c, abort_now{});
  connections_.clear();
  for (auto& io : io_) {
    io->context().restart();
    while (io->context().poll() > 0) io->context().restart();
  }
  for (auto& f : fan_outs_) caf::anon_send_exit(f, caf::exit_reason::user_shutdown);
  fan_outs_.clear();
  for (auto* job : scheduler_->jobs) remember(job);
  for (bool more = true; more;) {
    for (const auto& [id, address] : scheduled_)
      if (const auto a = caf::actor_cast<caf::strong_actor_ptr>(address))
        caf::anon_send_exit(caf::actor_cast<caf::actor>(a), caf::exit_reason::user_shutdown);
    more = run_everything();
  }
}

service_life::~service_life() {
  run_.others_go_on = {};
  if (!system_) return;
  if (where_.links) where_.links->leave(where_.number);
  node_->kill();
  exit_all();
  if (system_->registry().running() > 0) {
    // It would be waited for without end.
    run_.fail("an actor outlives the service");
    std::fprintf(stderr, "seed %llu: %zu actors outlive the service\n",
                 static_cast<unsigned long long>(run_.seed), system_->registry().running());
    run_.log.print(stderr);
    std::_Exit(1);
  }
  for (auto& w : shards_) {
    w->keys.clear();
    w->sessions.clear();
  }
  shards_.clear();
  shared_.reset();
  io_.clear();
  node_.reset();
}

}  // namespace sandbase::sim
