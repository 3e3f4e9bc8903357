// SPDX-License-Identifier: Apache-2.0
#include "actors/store/journal.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/diagnostics/log_event.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

namespace sandbase {

namespace {

/// Seals that may ride in a batch however few bytes it appends.
constexpr std::size_t free_seal_bytes = 1024 * 1024;
/// Seals of one batch when there is need of room.
constexpr std::size_t max_seal_bytes = 16 * 1024 * 1024;

/// So many in one commit have not come one by one.
constexpr std::size_t crowd = 4;

std::size_t json_bytes(const std::vector<journal_event>& events) {
  std::size_t n = 0;
  for (const auto& e : events) n += e.json.size();
  return n;
}

}  // namespace

journal::journal(caf::actor_config& cfg, std::shared_ptr<event_store> store, journal_options options)
    : journal_actor::base(cfg), store_(std::move(store)), options_(std::move(options)) {
  harden(this);
  set_down_handler([this](caf::scheduled_actor*, caf::down_msg& down) { lose(down.source); });
}

journal_actor::behavior_type journal::make_behavior() {
  begin_ticks();
  return {
      [this](const claim_request& r) { return claim(r); },
      [this](const commit_request& r) { append(r); },
      [this](const seal_request& r) { seal(r); },
      [this](const journal_create& r) { return create(r); },
      [this](const journal_delete& r) { return remove(r); },
      [this](const stage_slice& r) { return stage(r); },
      [this](const publish_session& r) { return publish(r); },
      [this](const drop_staged& r) { drop(r); },
      [this](const journal_stop&) -> caf::result<done_answer> {
        flush();
        stopped_ = true;
        quit();
        return done_answer{};
      },
      [this](const checkpoint_done& r) { checkpointed(r); },
      [this](const describe_actor&) { return describe(); },
      [this](const journal_flush&) {
        flush_scheduled_ = false;
        flush();
      },
      [this](const journal_tick&) { tick(); },
  };
}

void journal::on_exit() {
  if (!stopped_)
    for (auto& i : batch_) refuse(i, {errc::unavailable, "the store is closing"});
  batch_.clear();
  seals_.clear();
  writers_.clear();  // they hold this actor
  sessions_.clear();
  importers_.clear();
  store_.reset();
  options_ = {};
}

/// Between two commits: it answers no one while it waits for the disk.
actor_status journal::describe() const {
  const auto unsealed = store_->unsealed();
  const auto now = clock().now();
  auto oldest = batch_.empty() ? now : batch_since_;
  if (!seals_.empty()) oldest = std::min(oldest, seals_.front().since);
  return {batch_.empty() && seals_.empty() ? "idle" : "collecting",
          {{"batch", static_cast<std::int64_t>(batch_.size())},
           {"batch_bytes", static_cast<std::int64_t>(batch_bytes_)},
           {"seals", static_cast<std::int64_t>(seals_.size())},
           {"writers", static_cast<std::int64_t>(writers_.size())},
           {"commits", commits_},
           {"unsealed_sessions", static_cast<std::int64_t>(unsealed.sessions)},
           {"unsealed_bytes", unsealed.bytes},
           {"set_aside", static_cast<std::int64_t>(unsealed.set_aside)},
           {"wants_room", unsealed.is_pressed},
           {"checkpointing", checkpointing_},
           {"housekeeping", house_left_},
           {"oldest_wait_ms", wait_ms(oldest, now)}}};
}

// --- requests ------------------------------------------------------------------------

void journal::append(const commit_request& r) {
  options_.calls->arrived(r.asked);
  batch_bytes_ += json_bytes(r.op->events);
  put(append_item{caf::actor_cast<session_actor>(current_sender()), r, r.op->session, r.op->epoch});
  if (batch_bytes_ >= options_.max_batch_bytes)
    flush();
  else
    schedule_flush();
}

void journal::seal(const seal_request& r) {
  std::size_t bytes = 0;
  for (const auto& block : r.op->blocks) bytes += block->frames().size();
  seals_.push_back({caf::actor_cast<session_actor>(current_sender()), r.op, bytes, clock().now()});
  schedule_flush();
}

caf::result<journal_created> journal::create(const journal_create& r) {
  options_.calls->arrived(r.asked);
  create_item i{sure_promise<journal_created>{this}, r.op, r.lease};
  auto promise = i.promise;
  batch_bytes_ += json_bytes(r.op->events);
  put(std::move(i));
  schedule_flush();
  return promise;
}

caf::result<session_deleted> journal::remove(const journal_delete& r) {
  flush();
  const store_op op = delete_op{r.session, r.epoch, r.how.author, r.how.at};
  auto outcome = [&] {
    const call_watch::guard waits{*options_.calls, r.asked};
    return store_->commit({&op, 1});
  }();
  if (!outcome) {
    fails(committing_, outcome.error());
    return to_error(outcome.error());
  }
  works(committing_);
  if (outcome->front().error.code != errc::none) return to_error(outcome->front().error);
  house_left_ = true;
  return session_deleted{};
}

// --- the batch -------------------------------------------------------------------------

void journal::put(item&& i) {
  if (batch_.empty()) batch_since_ = clock().now();
  batch_.push_back(std::move(i));
}

bool journal::holds_items_of(session_key session) const {
  const auto is_of = [&](const item& i) {
    const auto* a = std::get_if<append_item>(&i);
    return a && a->session == session;
  };
  return std::ranges::any_of(batch_, is_of) ||
         std::ranges::any_of(seals_, [&](const seal_item& s) { return s.op->session == session; });
}

void journal::schedule_flush() {
  if (flush_scheduled_) return;
  flush_scheduled_ = true;
  // Behind everything that the mailbox holds now: that is the batch. Under load those go first who are ready
  // to bring more: where the cores are short that makes fewer and larger commits.
  if (last_batch_ >= crowd) std::this_thread::yield();
  send(this, journal_flush{});
}

/// Appends stand before seals: a seal's header may be as of an append of this very batch.
void journal::take_seals() {
  std::size_t bytes = 0;
  const auto allowance =
      store_->unsealed().is_pressed ? max_seal_bytes : std::max(free_seal_bytes, batch_bytes_);
  while (!seals_.empty() && (bytes == 0 || bytes + seals_.front().bytes <= allowance)) {
    bytes += seals_.front().bytes;
    put(std::move(seals_.front()));
    seals_.pop_front();
  }
  if (!seals_.empty()) schedule_flush();
}

void journal::flush() {
  take_seals();
  if (batch_.empty()) return;
  auto items = std::exchange(batch_, {});
  last_batch_ = items.size();
  const auto bytes = std::exchange(batch_bytes_, 0);
  std::vector<store_op> ops;
  ops.reserve(items.size());
  for (auto& i : items) {
    if (auto* a = std::get_if<append_item>(&i))
      ops.emplace_back(std::move(*a->request.op));
    else if (auto* s = std::get_if<seal_item>(&i))
      ops.emplace_back(*s->op);  // its blocks are shared; the answer needs them
    else if (auto* c = std::get_if<create_item>(&i))
      ops.emplace_back(std::move(*c->op));
    else
      ops.emplace_back(std::move(std::get<staging_item>(i).op));
  }
  ++commits_;
  const auto begin = options_.stopwatch();
  const auto outcomes = [&] {
    const auto waits = begin_call();
    return store_->commit(ops);
  }();
  if (!outcomes) {
    fails(committing_, outcomes.error());
    for (auto& i : items) refuse(i, outcomes.error());
    return;
  }
  works(committing_);
  idle_ = false;
  const auto took = std::chrono::duration<double, std::milli>{options_.stopwatch() - begin};
  log_event(spdlog::level::debug, "batch committed", field("operations", items.size()), field("bytes", bytes),
            field("ms", took.count()));
  for (std::size_t n = 0; n < items.size(); ++n) {
    const auto& outcome = (*outcomes)[n];
    if (auto* s = std::get_if<staging_item>(&items[n]))
      s->decided(outcome);
    else if (outcome.error.code != errc::none)
      refuse(items[n], outcome.error);
    else
      accept(items[n], outcome);
  }
  ask_for_seals();
  keep_house_beside(options_.stopwatch() - begin);
  checkpoint_if_due(false);
}

void journal::refuse(item& i, const failure& why) {
  if (auto* a = std::get_if<append_item>(&i))
    caf::anon_send(a->from, commit_done{a->epoch, a->request.number, why});
  else if (auto* s = std::get_if<seal_item>(&i))
    caf::anon_send(s->from, seal_done{s->op->epoch, s->op->blocks.back()->last_seq(), why});
  else if (auto* c = std::get_if<create_item>(&i))
    c->promise.fail(why);
  else
    std::get<staging_item>(i).decided({why, 0, false, {}});
}

void journal::accept(item& i, const op_outcome& outcome) {
  if (auto* a = std::get_if<append_item>(&i))
    caf::anon_send(a->from, commit_done{a->epoch, a->request.number, {}});
  else if (auto* s = std::get_if<seal_item>(&i))
    caf::anon_send(s->from, seal_done{s->op->epoch, s->op->blocks.back()->last_seq(), {}});
  else if (auto* c = std::get_if<create_item>(&i))
    c->promise.deliver({outcome.session, outcome.existed, outcome.existing_id});
}

}  // namespace sandbase
