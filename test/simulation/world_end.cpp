// SPDX-License-Identifier: Apache-2.0
// After the chaos: everything comes to rest, is asked for once more, and has to agree.
#include "test/simulation/world.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::sim {

namespace {

using std::chrono::milliseconds;

/// Longer than every deadline of the service.
constexpr int most_rounds = 800;
/// For revocations, heartbeats and sealing to come through.
constexpr int least_rounds = 40;
/// For every session in memory to be looked at once: until then one may not know that its log was lost.
constexpr int rounds_behind_failovers = 100;
/// For links to come back: servers of before are listed for 10 s, and one is dialed again after 8 s at most.
constexpr int rounds_of_links = 80;
constexpr milliseconds round_time{250};
constexpr int most_turns = 200'000;

}  // namespace

/// Runs what can run without time passing. @returns whether it came to rest
bool world::run_until_quiet() {
  for (int turns = 0; turns < most_turns && !run_.failed(); ++turns) {
    ++run_.step;
    for (auto& s : servers_) {
      if (s.life && s.life->dead()) die(s, false);
      if (s.life && !ending_ && s.life->is_draining()) go_on_stopping(s);
      if (!s.life) start_service(s);
    }
    if (!std::ranges::all_of(servers_, [](const server& s) { return s.life != nullptr; })) continue;
    const auto is_quiet = [&] {
      return !links_.has_due() &&
             std::ranges::all_of(servers_, [](const server& s) { return s.life->is_quiet(); });
    };
    if (!is_quiet()) {
      step_service();
      place_->note_durable();
      continue;
    }
    bool any = auditor_->turn(servers_);
    for (const auto& u : users_) any |= u->turn(servers_);
    if (!any && is_quiet()) return true;
  }
  if (!run_.failed()) run_.fail("the service never comes to rest");
  return false;
}

void world::pass_round() {
  run_.pass(round_time);
  links_.step();
  for (auto& s : servers_) s.life->follow_clock(true);
}

void world::settle() {
  run_.begin_calm();
  place_->begin_calm();
  links_.begin_calm();
  run_.note("calm from here on");
  const auto settled = [&] {
    for (const auto& u : users_)
      if (!u->is_settled()) return false;
    return true;
  };
  const auto least = facts_.failovers() > 0 ? rounds_behind_failovers
                     : run_.linked          ? rounds_of_links
                                            : least_rounds;
  for (int round = 0; round < most_rounds; ++round) {
    if (!run_until_quiet()) return;
    if (round >= least && settled()) break;
    pass_round();
  }
  for (const auto& u : users_) {
    if (!u->is_busy()) continue;
    if (u->doing()->is_endless())
      u->doing()->close_books();
    else
      run_.fail(fmt::format("{} never got an answer to its {}", u->who().name, u->doing()->name()));
  }
}

/// The clients go: what they held has to be given back.
void world::let_go() {
  for (const auto& u : users_) u->hang_up(servers_);
  users_.clear();
  auditor_->hang_up(servers_);
  for (int round = 0; round < 8; ++round) {
    if (!run_until_quiet()) return;
    pass_round();
  }
  for (const auto& s : servers_) check_given_back(s.life->shared());
  if (run_.linked) check_links();
}

void world::check_given_back(const server_state& s) {
  if (s.counters.connections != 0)
    run_.fail(fmt::format("{} connections outlive their clients", s.counters.connections.load()));
  if (s.bytes_in->used() != 0)
    run_.fail(fmt::format("{} bytes of bodies are not given back", s.bytes_in->used()));
  if (s.bytes_out.used() != 0)
    run_.fail(fmt::format("{} bytes on their way out are not given back", s.bytes_out.used()));
}

void world::ask(task_ptr t) {
  if (run_.failed()) return;
  auditor_->give(std::move(t));
  for (int round = 0; round < most_rounds && auditor_->is_busy(); ++round) {
    if (!run_until_quiet()) return;
    if (!auditor_->is_busy()) return;
    pass_round();
  }
  if (auditor_->is_busy()) run_.fail("the auditor gets no answer");
}

/// At rest nobody else than the last one that has claimed a session takes itself for its writer. Where a
/// failover has lost claims two may, in the same epoch, as long as neither has appended: the head tells their
/// appends apart. `before`: since then each server has looked at each session; a log that has grown since has
/// one writer whatever was lost.
void world::check_writers(const stored_logs& before) {
  if (servers_.size() == 1 || run_.failed()) return;
  std::vector<std::shared_ptr<const service_life::writers>> found;
  for (const auto& s : servers_) found.push_back(s.life->ask_for_writers());
  if (!run_until_quiet()) return;
  for (const auto& [id, log] : place_->everything()) {
    const auto was = before.find(id);
    const bool has_grown = was != before.end() && log.events.size() > was->second.events.size();
    if (facts_.failovers() > 0 && !has_grown) continue;
    std::size_t writers = 0;
    for (const auto& of_one : found) {
      const auto is = of_one->find(id);
      if (is == of_one->end()) continue;
      if (is->second > log.epoch) run_.fail(fmt::format("{} has a writer of an epoch to come", id));
      if (is->second == log.epoch) ++writers;
    }
    if (writers > 1) run_.fail(fmt::format("{} has {} writers of one epoch", id, writers));
  }
}

void world::audit() {
  let_go();
  check_writers({});
  const auto before = place_->everything();
  run_.strict = true;
  for (auto& s : facts_.sessions()) audit_session(s);
  ask(make_session_list(run_, facts_, auditor_->who()));
  for (auto& s : facts_.sessions())
    if (!run_.failed() && !s.deleted) facts_.check_whole_log(s, s.log.size());
  run_.strict = false;
  check_writers(before);
  let_go();
}

void world::audit_session(session_facts& s) {
  // Whatever went wrong before: it takes events again.
  auditor_->go_to(servers_, servers_.size() == 1 ? 0 : run_.random.below(servers_.size()));
  ask(make_append(run_, facts_, auditor_->who(), s, false));
  for (const auto& where : servers_)
    if (!run_.failed()) audit_session(s, where.number);
}

/// What any of them has acknowledged each of them shows.
void world::audit_session(session_facts& s, std::size_t server_number) {
  auditor_->go_to(servers_, server_number);
  const auto claims = s.claims.size();
  ask(make_view(run_, facts_, auditor_->who(), s, 0));
  if (run_.failed()) return;
  if (s.claims.size() == claims) {  // 404: what may have been deleted is
    if (!s.delete_asked) run_.fail(s.id + " cannot be shown");
    s.deleted = true;
    return;
  }
  const auto end = s.claims.back().end;
  ask(make_replay(run_, facts_, auditor_->who(), s, true));
  ask(make_event_list(run_, facts_, auditor_->who(), s, true));
  if (!run_.failed()) facts_.check_whole_log(s, end);
}

void world::start_services() {
  for (auto& s : servers_)
    if (!run_.failed()) start_service(s);
}

void world::stop_services() {
  ending_ = true;
  for (auto& s : servers_) s.life->begin_stop();
  const auto have_stopped = [&] {
    return std::ranges::all_of(servers_, [](const server& s) { return s.life->has_stopped(); });
  };
  for (int round = 0; round < 40 && !have_stopped(); ++round) {
    if (!run_until_quiet()) return;
    pass_round();
  }
  if (!have_stopped()) return run_.fail("the service does not stop");
  for (auto& s : servers_) {
    if (s.life->cached_bytes() != 0)
      run_.fail(fmt::format("{} cached bytes are not given back", s.life->cached_bytes()));
    s.life.reset();
  }
  ending_ = false;
  // A database in memory has the sealed ones itself.
  if (servers_.size() == 1 && durable_.live_blocks() != 0)
    run_.fail(fmt::format("{} blocks are never let go of", durable_.live_blocks()));
}

void world::check_store() {
  auto backend = place_->open_beside();
  if (!backend) return run_.fail("the store cannot be opened: " + backend.error().message);
  auto admin = (*backend)->open_admin();
  if (!admin) return run_.fail("the store cannot be opened: " + admin.error().message);
  const auto report = (*admin)->check([&](const std::string& problem) { run_.fail("check: " + problem); });
  if (!report) return run_.fail("the store cannot be checked: " + report.error().message);
  for (const auto& s : facts_.sessions())
    if (!s.deleted && !run_.failed()) check_chain(**admin, s);
}

/// What the store keeps of a log is what clients saw of it, and has the heads that they were told.
void world::check_chain(store_admin& store, const session_facts& s) {
  const auto rows = store.find_sessions(s.id);
  if (!rows || rows->size() != 1) return run_.fail(s.id + " is not in the store");
  std::vector<digest> heads{digest{}};
  const auto read = store.each_slice(rows->front().key, 0, std::size_t{1} << 20, [&](const log_slice& slice) {
    for (const auto& span : slice.spans)
      for (auto seq = span.first; seq <= span.last; ++seq) {
        const auto json = span.block->json(seq);
        const auto* seen = s.at(seq);
        if (seen == nullptr || (seen->json != json && seen->tombstone != json))
          run_.fail(fmt::format("{}: event {} is kept otherwise than it was shown", s.id, seq));
        heads.push_back(next_head(heads.back(), span.block->proof(seq).leaf_of(json)));
      }
    return true;
  });
  if (!read) return run_.fail(s.id + " cannot be read: " + read.error().message);
  facts_.check_heads(s, heads);
}

}  // namespace sandbase::sim
