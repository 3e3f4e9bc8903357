// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/world.hpp"

#include "events/base/random_seed.hpp"

#include <fmt/core.h>

namespace sandbase::sim {

namespace {

using std::chrono::milliseconds;

/// Fewer than there are users.
constexpr std::size_t few_sessions = 4;

}  // namespace

world::world(std::uint64_t seed, const std::string& folder, std::FILE* echo)
    : run_(seed, echo),
      path_(folder + "/simulated.db"),
      disk_(seed),
      facts_(run_, durable_),
      sizes_(draw_tuning(run_.random)) {
  auto& random = run_.random;
  run_.crowded = sizes_.max_active <= few_sessions || sizes_.session_idle_timeout < std::chrono::seconds{2};
  seed_random_bits(seed);
  job_weight_ = random.between(2, 12);
  io_weight_ = random.between(2, 12);
  user_weight_ = random.between(1, 8);
  time_weight_ = random.between(1, 3);
  steps_ = random.between(300, 2'500);
  disk_.fault = [this](const disk_operation& op) { return ask_disk(op); };
}

world::~world() {
  disk_.freeze();
  for (const auto& u : users_) u->cut();
  if (auditor_) auditor_->cut();
  life_.reset();
  disk_.restart();
}

bool world::run() {
  run_.calm = true;
  if (!make_store()) return false;
  run_.calm = false;
  for (std::size_t i = 0; i < steps_ && !run_.failed(); ++i) step();
  if (!run_.failed()) settle();
  if (!run_.failed()) audit();
  if (!run_.failed()) stop_service();
  if (!run_.failed()) check_store();
  if (!run_.failed()) start_service();
  if (!run_.failed()) audit();
  if (!run_.failed()) stop_service();
  return !run_.failed();
}

// --- before --------------------------------------------------------------------------------------

bool world::make_store() {
  auto backend = open_backend("sqlite:" + path_, true);
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
  if (life_ && life_->dead()) die(run_.may_strike(fault::power_cut));
  if (life_ && (run_.strikes(fault::power_cut) || power_fails_soon())) die(true);
  if (life_ && run_.strikes(fault::death)) die(false);
  if (!life_ && run_.elapsed() >= down_until_) start_service();
  if (life_) go_on_stopping();
  if (run_.strikes(fault::clock_back)) run_.set_wall_back(milliseconds{run_.random.between(1, 5'000)});
  if (life_ && run_.may_strike(fault::key_revoked)) revoke_some_key();
  const auto all = job_weight_ + io_weight_ + user_weight_ + time_weight_;
  const auto choice = run_.random.below(all);
  if (choice < time_weight_)
    let_time_pass();
  else if (choice < time_weight_ + user_weight_)
    run_.random.pick(users_)->turn(life_.get());
  else if (life_)
    step_service();
  if (life_ && !life_->dead()) life_->follow_clock(false);
}

void world::step_service() {
  const bool jobs = life_->has_jobs();
  if (jobs && run_.random.below(job_weight_ + io_weight_) < job_weight_) {
    run_job();
    if (run_.strikes(fault::actor_starved)) life_->starve(run_.random.between(5, 200));
    return;
  }
  const auto first = run_.random.below(life_->threads());
  for (std::size_t i = 0; i < life_->threads(); ++i) {
    const auto thread = (first + i) % life_->threads();
    if (life_->may_be_ready(thread) && life_->poll(thread)) return;
  }
  if (jobs) run_job();
}

void world::run_job() {
  life_->run_job();
  if (run_.disk_has_failed && !life_->dead()) run_.fail("the disk has failed, and the service goes on");
}

void world::let_time_pass() {
  auto& random = run_.random;
  const bool idle = !life_ || life_->is_quiet();
  auto d = milliseconds{random.between(0, 5)};
  if (random.chance(idle ? 500 : 100)) d = milliseconds{random.between(1, 400)};
  if (random.chance(idle ? 100 : 5)) d = milliseconds{random.between(500, 12'000)};
  run_.pass(d);
}

void world::start_service() {
  dying_ = false;
  auto made = service_life::start(run_, sizes_, path_, durable_, [this] {
    dying_ = true;
    disk_.freeze();
  });
  if (!made) {
    // Not the message: it names a folder that differs from run to run.
    run_.note("the service does not start: error ", static_cast<int>(made.error().code));
    if (run_.rates.harmless() || run_.calm) run_.fail("the service does not start: " + made.error().message);
    disk_.freeze();
    disk_.restart();
    down_until_ = run_.elapsed() + milliseconds{run_.random.between(1, 500)};
    return;
  }
  life_ = std::move(*made);
  run_.note("the service starts");
}

void world::die(bool power_cut) {
  run_.note(power_cut ? "power cut" : "the process is dead");
  ++deaths_;
  dying_ = true;
  disk_.freeze();
  for (const auto& u : users_) u->cut();
  life_.reset();
  if (power_cut)
    disk_.power_cut();
  else
    disk_.restart();
  dying_ = false;
  down_until_ = run_.elapsed() + milliseconds{run_.random.below(300)};
}

/// As `serve` does at SIGTERM: each part gets its time, then the next one begins.
void world::go_on_stopping() {
  if (!life_->is_draining()) {
    if (!run_.strikes(fault::orderly_restart)) return;
    life_->begin_drain();
    next_stop_step_ = run_.elapsed() + milliseconds{run_.random.below(2'500)};
  } else if (!life_->is_stopping()) {
    if (run_.elapsed() < next_stop_step_) return;
    run_.note("the service stops");
    life_->begin_stop();
    next_stop_step_ = run_.elapsed() + milliseconds{1'500};
  } else if (life_->has_stopped() || run_.elapsed() >= next_stop_step_) {
    run_.note(life_->has_stopped() ? "the service has stopped" : "the service stops in a hurry");
    for (const auto& u : users_) u->cut();
    life_.reset();
    disk_.restart();
  }
}

disk_fault world::ask_disk(const disk_operation& op) {
  run_.let_others_go_on(100);
  if (dying_ || !run_.may_strike(fault::disk_failed)) return disk_fault::none;
  run_.count(fault::disk_failed);
  run_.note("fault: disk operation ", static_cast<int>(op.kind), " of ", op.size, " bytes at ", op.offset,
            " fails");
  if (op.kind == disk_request::sync) unsound_until_ = run_.step + run_.random.between(100, 1'000);
  constexpr disk_fault kinds[] = {disk_fault::io_error, disk_fault::full, disk_fault::short_write};
  return kinds[run_.random.below(3)];
}

/// What a failed sync has lost is only missed at a power cut: one comes soon behind it, if any come at all.
bool world::power_fails_soon() {
  if (run_.step >= unsound_until_ || run_.rates.of(fault::power_cut) == 0) return false;
  if (!run_.random.chance(5)) return false;
  run_.count(fault::power_cut);
  run_.note("fault: ", name_of(fault::power_cut), " behind a failed sync");
  return true;
}

void world::revoke_some_key() {
  // As an operator does, by the command line beside the running service.
  auto& who = run_.random.pick(users_)->who();
  if (who.revocation_asked || who.shares_key) return;
  who.revocation_asked = true;
  run_.count(fault::key_revoked);
  run_.note("fault: the key of ", who.name, " is revoked");
  auto backend = open_backend("sqlite:" + path_, false);
  if (!backend) return;
  auto admin = (*backend)->open_admin();
  if (admin && (*admin)->revoke_key(who.key_id, virtual_now())) who.revoked_at = run_.elapsed();
}

}  // namespace sandbase::sim
