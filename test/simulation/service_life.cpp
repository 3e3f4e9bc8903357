// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/service_life.hpp"

#include "actors/store/journal.hpp"
#include "actors/store/log_reader.hpp"

#include <caf/actor_cast.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <cstdlib>
#include <fcntl.h>
#include <sys/socket.h>

namespace sandbase::sim {

namespace {

using namespace std::chrono_literals;

/// Names an actor in the trace.
std::string name_of(const caf::scheduled_actor& a) { return sentence(a.name(), " ", a.id()); }

/// Asks the directory, then the journal, to end; tells when both have.
caf::behavior stopper(caf::event_based_actor* self, directory_actor directory, journal_actor journal,
                      std::function<void()> done) {
  const auto close_journal = [=] {
    self->request(journal, caf::infinite, journal_stop{})
        .then([=](const done_answer&) { done(); }, [=](const caf::error&) { done(); });
  };
  self->request(directory, caf::infinite, retire_all{})
      .then([=](const done_answer&) { close_journal(); }, [=](const caf::error&) { close_journal(); });
  return {};
}

}  // namespace

tuning draw_tuning(random_source& random) {
  const std::vector<std::int64_t> caches{0, 70'000, 1'000'000};
  tuning t;
  t.io_threads = random.between(1, 3);
  t.readers = random.between(1, 2);
  t.cache_bytes = random.pick(caches);
  t.cache_per_session = random.chance(500) ? 80'000 : 1'000'000;
  t.session_idle_timeout = std::chrono::milliseconds{random.between(500, 20'000)};
  t.max_batch_bytes = random.chance(300) ? random.between(500, 50'000) : 16 * 1024 * 1024;
  t.bound_floor =
      static_cast<std::int64_t>(random.chance(300) ? random.between(2'000, 100'000) : 64 * 1024 * 1024);
  t.trim_rows = random.chance(300) ? random.between(1, 50) : 8192;
  t.checkpoint_bytes = random.chance(300) ? random.between(1'000, 200'000) : 16 * 1024 * 1024;
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

service_life::service_life(context& run, const tuning& sizes, std::function<void()> on_fatal)
    : run_(run), sizes_(sizes), on_fatal_(std::move(on_fatal)), clock_(run.elapsed()) {}

result<std::unique_ptr<service_life>> service_life::start(context& run, const tuning& sizes,
                                                          const std::string& path, durable_state& durable,
                                                          std::function<void()> on_fatal) {
  std::unique_ptr<service_life> life{new service_life{run, sizes, std::move(on_fatal)}};
  if (auto opened = life->open(path, durable); !opened) return opened.error();
  life->spawn_actors();
  return life;
}

result<void> service_life::open(const std::string& path, durable_state& durable) {
  auto backend = open_backend("sqlite:" + path, true);
  if (!backend) return backend.error();
  backend_ = std::move(*backend);
  auto lock = backend_->lock("simulation");
  if (!lock) return lock.error();
  lock_ = std::move(*lock);
  auto writer = backend_->open_writer();
  if (!writer) return writer.error();
  writer_ = watch(std::move(*writer), run_, durable);
  auto secret = writer_->secret("stream_tokens");
  if (!secret) return secret.error();
  token_secret_ = std::move(*secret);
  auto unsealed = writer_->scan();
  if (!unsealed) return unsealed.error();
  unsealed_ = std::move(*unsealed);
  for (std::size_t i = 0; i < sizes_.readers; ++i) {
    auto reader = backend_->open_reader();
    if (!reader) return reader.error();
    connections_to_store_.push_back(watch(std::move(*reader), run_));
  }
  return {};
}

void service_life::spawn_actors() {
  system_ = std::make_unique<caf::actor_system>(config_);
  scheduler_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  journal_options options;
  options.max_batch_bytes = sizes_.max_batch_bytes;
  options.bound_floor = sizes_.bound_floor;
  options.bound_per_session = 0;
  options.trim_rows = sizes_.trim_rows;
  options.checkpoint_bytes = sizes_.checkpoint_bytes;
  options.now = virtual_now;
  options.fatal = [this](const failure& f) {
    run_.note("fatal: ", f.message);
    dead_ = true;
    on_fatal_();
  };
  checkpointer_ = system_->spawn<checkpointer>(writer_);
  options.checkpointer = checkpointer_;
  journal_ = system_->spawn<journal>(std::move(writer_), std::move(unsealed_), std::move(options));
  for (auto& connection : connections_to_store_)
    readers_.push_back(system_->spawn<log_reader>(std::move(connection), journal_));
  auto environment = std::make_shared<session_environment>();
  environment->journal = journal_;
  environment->readers = readers_;
  environment->cache = cache_ = std::make_shared<byte_account>(sizes_.cache_bytes);
  environment->cache_per_session = sizes_.cache_per_session;
  environment->idle_timeout = sizes_.session_idle_timeout;
  environment->now = virtual_now;
  directory_ = system_->spawn<session_directory>(std::move(environment));
  auto http = sizes_.http;
  http.token_secret = token_secret_;
  shared_ = std::make_unique<server_state>(std::move(http), directory_, readers_, virtual_now);
  for (std::size_t i = 0; i < sizes_.io_threads; ++i) {
    io_.push_back(std::make_unique<io_thread>(*system_));
    io_.back()->sweep(io_thread::clock::time_point{clock_});
    shards_.push_back(std::make_unique<io_shard>(*io_.back(), *shared_));
    shards_.back()->next_reader = i;
    fan_outs_.push_back(system_->spawn<fan_out>(*shards_.back()));
  }
  ready_.assign(io_.size(), true);
  swept_at_.assign(io_.size(), clock_);
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
  if (const auto* a = dynamic_cast<caf::scheduled_actor*>(job)) run_.note(name_of(*a), " has a turn");
  scheduler_->run_once();
  touched();
}

bool service_life::poll(std::size_t thread) {
  auto& context = io_[thread]->context();
  context.restart();
  const bool had = context.poll_one() > 0;
  if (had) run_.note("io thread ", thread, " has a turn");
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
  touched();
}

void service_life::begin_stop() {
  shared_->draining = true;
  stopping_ = true;
  for (auto& c : connections_) caf::anon_send(c, abort_now{});
  connections_.clear();
  system_->spawn(stopper, directory_, journal_, [this] { stopped_ = true; });
  touched();
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
  if (!system_) return;
  caf::anon_send_exit(checkpointer_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(journal_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(directory_, caf::exit_reason::user_shutdown);
  for (auto& r : readers_) caf::anon_send_exit(r, caf::exit_reason::user_shutdown);
  exit_all();
  checkpointer_ = nullptr;
  journal_ = nullptr;
  directory_ = nullptr;
  readers_.clear();
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
}

}  // namespace sandbase::sim
