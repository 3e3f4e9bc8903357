// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/world.hpp"

#include "events/base/random_seed.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sim {

namespace {

using std::chrono::milliseconds;

/// Fewer than there are users.
constexpr std::size_t few_sessions = 4;
/// How far a server's clock may be off.
constexpr std::size_t most_off_ms = 4'000;

}  // namespace

world::world(std::uint64_t seed, std::size_t servers, const std::string& folder, std::FILE* echo)
    : run_(seed, servers, echo),
      place_(servers == 1 ? make_disk_place(run_, folder + "/simulated.db")
                          : make_shared_place(run_, durable_, servers)),
      facts_(run_, durable_),
      sizes_(draw_tuning(run_.random)),
      links_(run_, servers) {
  auto& random = run_.random;
  run_.crowded = sizes_.max_active <= few_sessions || sizes_.session_idle_timeout < std::chrono::seconds{2};
  run_.request_timeout = sizes_.http.request_timeout;
  seed_random_bits(seed);
  job_weight_ = random.between(2, 12);
  io_weight_ = random.between(2, 12);
  user_weight_ = random.between(1, 8);
  time_weight_ = random.between(1, 3);
  steps_ = random.between(300, 2'500);
  for (std::size_t i = 0; i < servers; ++i) servers_.push_back({.number = i});
  if (servers == 1) return;
  if (run_.linked) sizes_.link_interval = milliseconds{random.between(50, 500)};
  // So many of them share the turns.
  steps_ *= 2;
  for (auto& s : servers_)
    if (random.chance(500))
      s.clock_ahead = milliseconds{random.below(2 * most_off_ms)} - milliseconds{most_off_ms};
}

world::~world() {
  for (auto& s : servers_) {
    place_->freeze(s.number);
    for (const auto& u : users_) u->cut(s.number);
    if (auditor_) auditor_->cut(s.number);
    s.life.reset();
    place_->thaw(s.number, false);
  }
}

bool world::run() {
  run_.calm = true;
  if (!make_store()) return false;
  if (run_.linked) link_all();
  run_.calm = false;
  place_->begin_chaos();
  place_->failed_over = [this](const stored_logs& before, const stored_logs& now) {
    facts_.fail_over(before, now);
    for (const auto& u : users_)
      if (u->who().revocation_asked) revoke(u->who());
  };
  for (std::size_t i = 0; i < steps_ && !run_.failed(); ++i) step();
  if (!run_.failed()) settle();
  if (!run_.failed()) audit();
  if (!run_.failed()) stop_services();
  if (!run_.failed()) check_store();
  if (!run_.failed()) start_services();
  if (!run_.failed()) audit();
  if (!run_.failed()) stop_services();
  return !run_.failed();
}

// --- before --------------------------------------------------------------------------------------

bool world::make_store() {
  auto backend = place_->open(0);
  if (!backend) {
    run_.fail("the store cannot be made: " + backend.error().message);
    return false;
  }
  auto writer = (*backend)->open_writer();  // brings the schema up
  auto admin = (*backend)->open_admin();
  if (!writer || !admin) {
    run_.fail("the store cannot be opened: " + (writer ? admin.error() : writer.error()).message);
    return false;
  }
  const auto make = [&](role may, habit does, std::string_view workspace = "ours") {
    auto key = (*admin)->create_key(workspace, may, "simulated", virtual_now());
    if (!key) return run_.fail("a key cannot be made: " + key.error().message);
    add_user(*key, does, workspace != "ours");
  };
  auto& random = run_.random;
  make(role::runtime, habit::reads);  // the auditor
  make(role::runtime, habit::produces);
  const auto producers = random.between(0, 4);
  for (std::size_t i = 0; i < producers; ++i)
    make(random.chance(600) ? role::runtime : role::client, habit::produces);
  const auto readers = random.between(1, 2);
  for (std::size_t i = 0; i < readers; ++i)
    make(random.chance(500) ? role::viewer : role::client, habit::reads);
  const auto followers = random.between(1, 4);
  for (std::size_t i = 0; i < followers; ++i)
    make(random.chance(500) ? role::viewer : role::runtime, habit::follows);
  if (random.chance(200)) make(role::runtime, habit::reads, "theirs");
  if (random.chance(400)) {
    auto key = (*admin)->create_key("ours", role::client, "simulated", virtual_now());
    if (!key) run_.fail("a key cannot be made: " + key.error().message);
    for (std::size_t i = 0; key && i < 2; ++i) add_user(*key, habit::speaks, false);
  }
  return !run_.failed();
}

void world::add_user(const new_api_key& key, habit does, bool foreign) {
  caller who;
  who.name = auditor_ ? fmt::format("user {}", users_.size() + 1) : "auditor";
  who.secret = key.secret;
  who.may = key.key.may;
  who.key_id = key.key.id;
  who.foreign = foreign;
  who.shares_key = does == habit::speaks;
  auto made = std::make_unique<user>(run_, facts_, std::move(who), does, run_.random.chance(250));
  if (!auditor_) {
    auditor_ = std::move(made);
    return;
  }
  if (run_.random.chance(400)) made->set_send_buffer(static_cast<int>(run_.random.between(1, 8'000)));
  users_.push_back(std::move(made));
}

// --- chaos -----------------------------------------------------------------------------------------

void world::step() {
  ++run_.step;
  for (auto& s : servers_) strike(s);
  place_->step();
  links_.step();
  if (run_.strikes(fault::clock_back)) run_.set_wall_back(milliseconds{run_.random.between(1, 5'000)});
  if (any_lives() && run_.may_strike(fault::key_revoked)) revoke_some_key();
  const auto all = job_weight_ + io_weight_ + user_weight_ + time_weight_;
  const auto choice = run_.random.below(all);
  if (choice < time_weight_)
    let_time_pass();
  else if (choice < time_weight_ + user_weight_)
    run_.random.pick(users_)->turn(servers_);
  else
    step_service();
  for (auto& s : servers_)
    if (s.life && !s.life->dead()) s.life->follow_clock(false);
  place_->note_durable();
}

bool world::any_lives() const {
  return std::ranges::any_of(servers_, [](const server& s) { return s.life != nullptr; });
}

/// What may befall one server between two steps.
void world::strike(server& s) {
  if (s.life && s.life->dead()) die(s, run_.may_strike(fault::power_cut));
  if (s.life && (run_.strikes(fault::power_cut) || place_->power_fails_soon())) die(s, true);
  if (s.life && run_.strikes(fault::death)) die(s, false);
  if (!s.life && run_.elapsed() >= s.down_until) start_service(s);
  if (s.life) go_on_stopping(s);
}

/// One of those that have something to do.
void world::step_service() {
  // Null: the network between them.
  std::vector<service_life*> busy;
  for (const auto& s : servers_)
    if (s.life && (servers_.size() == 1 || !s.life->is_quiet())) busy.push_back(s.life.get());
  if (links_.has_due()) busy.push_back(nullptr);
  if (busy.empty()) return;
  auto* next = busy.size() == 1 ? busy.front() : run_.random.pick(busy);
  next ? step_service(*next) : links_.deliver();
}

void world::step_service(service_life& life) {
  const bool jobs = life.has_jobs();
  if (jobs && run_.random.below(job_weight_ + io_weight_) < job_weight_) {
    run_job(life);
    if (run_.strikes(fault::actor_starved)) life.starve(run_.random.between(5, 200));
    return;
  }
  const auto first = run_.random.below(life.threads());
  for (std::size_t i = 0; i < life.threads(); ++i) {
    const auto thread = (first + i) % life.threads();
    if (life.may_be_ready(thread) && life.poll(thread)) return;
  }
  if (jobs) run_job(life);
}

void world::run_job(service_life& life) {
  life.run_job();
  if (run_.disk_has_failed && !life.dead()) run_.fail("the disk has failed, and the service goes on");
}

void world::let_time_pass() {
  auto& random = run_.random;
  const auto is_quiet = [](const server& s) { return !s.life || s.life->is_quiet(); };
  const bool idle = !links_.has_due() && std::ranges::all_of(servers_, is_quiet);
  auto d = milliseconds{random.between(0, 5)};
  if (random.chance(idle ? 500 : 100)) d = milliseconds{random.between(1, 400)};
  if (random.chance(idle ? 100 : 5)) d = milliseconds{random.between(500, 12'000)};
  run_.pass(d);
}

void world::start_service(server& s) {
  const auto refuse = [&](const failure& why) {
    // Not the message: it names a folder that differs from run to run.
    run_.note("the service does not start: error ", static_cast<int>(why.code));
    if (run_.rates.harmless() || run_.calm) run_.fail("the service does not start: " + why.message);
    place_->freeze(s.number);
    place_->thaw(s.number, false);
    s.down_until = run_.elapsed() + milliseconds{run_.random.between(1, 500)};
  };
  auto backend = place_->open(s.number);
  if (!backend) return refuse(backend.error());
  service_life::site where;
  if (servers_.size() > 1) where.name = fmt::format("server {}: ", s.number);
  where.backend = std::move(*backend);
  where.store_name = place_->name();
  where.clock_ahead = s.clock_ahead;
  where.links = run_.linked ? &links_ : nullptr;
  where.number = s.number;
  where.on_fatal = [this, number = s.number] { place_->freeze(number); };
  auto made = service_life::start(run_, sizes_, std::move(where), durable_);
  if (!made) return refuse(made.error());
  s.life = std::move(*made);
  run_.note(servers_.size() > 1 ? fmt::format("server {}: ", s.number) : "", "the service starts");
}

void world::die(server& s, bool power_cut) {
  run_.note(servers_.size() > 1 ? fmt::format("server {}: ", s.number) : "",
            power_cut ? "power cut" : "the process is dead");
  ++deaths_;
  place_->freeze(s.number);
  for (const auto& u : users_) u->cut(s.number);
  s.life.reset();
  place_->thaw(s.number, power_cut);
  s.down_until = run_.elapsed() + milliseconds{run_.random.below(300)};
}

/// As `serve` does at SIGTERM: each part gets its time, then the next one begins.
void world::go_on_stopping(server& s) {
  auto& life = *s.life;
  if (!life.is_draining()) {
    if (!run_.strikes(fault::orderly_restart)) return;
    life.begin_drain();
    s.next_stop_step = run_.elapsed() + milliseconds{run_.random.below(2'500)};
  } else if (!life.is_stopping()) {
    if (run_.elapsed() < s.next_stop_step) return;
    run_.note("the service stops");
    life.begin_stop();
    s.next_stop_step = run_.elapsed() + milliseconds{1'500};
  } else if (life.has_stopped() || run_.elapsed() >= s.next_stop_step) {
    run_.note(life.has_stopped() ? "the service has stopped" : "the service stops in a hurry");
    for (const auto& u : users_) u->cut(s.number);
    s.life.reset();
    place_->thaw(s.number, false);
  }
}

void world::revoke_some_key() {
  // As an operator does, by the command line beside the running service.
  auto& who = run_.random.pick(users_)->who();
  if (who.revocation_asked || who.shares_key) return;
  run_.count(fault::key_revoked);
  run_.note("fault: the key of ", who.name, " is revoked");
  revoke(who);
}

void world::revoke(caller& who) {
  who.revocation_asked = true;
  who.revoked_at = milliseconds::max();
  auto backend = place_->open_beside();
  if (!backend) return;
  auto admin = (*backend)->open_admin();
  if (admin && (*admin)->revoke_key(who.key_id, virtual_now())) who.revoked_at = run_.elapsed();
}

}  // namespace sandbase::sim
