// SPDX-License-Identifier: Apache-2.0
#include "actors/store/journal.hpp"

#include "actors/caf/errors.hpp"
#include "actors/caf/harden.hpp"
#include "actors/store/orphan_seal.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

namespace sandbase {

namespace {

constexpr std::chrono::seconds tick{1};
/// Seals that may ride in a batch however few bytes it appends.
constexpr std::size_t free_seal_bytes = 1024 * 1024;
constexpr std::size_t orphans_per_tick = 64;
constexpr std::size_t owners_asked_at_once = 64;
constexpr int ticks_between_sweeps = 600;
constexpr std::size_t trim_step_bytes = 4 * 1024 * 1024;

std::int64_t json_bytes(const std::vector<journal_event>& events) {
  std::int64_t n = 0;
  for (const auto& e : events) n += static_cast<std::int64_t>(e.json.size());
  return n;
}

}  // namespace

journal::journal(caf::actor_config& cfg, std::shared_ptr<event_store> store, std::vector<ledger_row> unsealed,
                 journal_options options)
    : journal_actor::base(cfg), store_(std::move(store)), options_(std::move(options)) {
  harden(this);
  ledger_.load(std::move(unsealed));
}

journal_actor::behavior_type journal::make_behavior() {
  if (auto row = store_->next_row())
    next_row_ = *row;
  else
    store_failed(row.error(), "cannot be read");
  delayed_send(this, tick, journal_tick{});
  return {
      [this](const claim_request& r) { return claim(r); },
      [this](const commit_request& r) { append(r); },
      [this](const seal_request& r) { seal(r); },
      [this](const journal_create& r) { return create(r); },
      [this](const journal_delete& r) { return remove(r); },
      [this](const release_session& r) { ledger_.release(r.session, r.incarnation); },
      [this](const overlay_request& r) { return overlay(r); },
      [this](const journal_stop&) -> caf::result<done_answer> {
        flush();
        stopped_ = true;
        quit();
        return done_answer{};
      },
      [this](const checkpoint_done& r) { checkpointed(r); },
      [this](const journal_flush&) {
        flush_scheduled_ = false;
        flush();
      },
      [this](const journal_tick&) {
        seal_orphans();
        flush();
        keep_house(true);
        delayed_send(this, tick, journal_tick{});
      },
  };
}

void journal::on_exit() {
  if (!stopped_)
    for (auto& i : batch_) refuse(i, {errc::unavailable, "the store is closing"});
  batch_.clear();
  seals_.clear();
  ledger_ = {};  // its sessions hold this actor
  store_.reset();
  options_ = {};
}

// --- requests ------------------------------------------------------------------------

caf::result<claim_answer> journal::claim(const claim_request& r) {
  // Whatever was asked for before must be decided before the answer tells where the log ends.
  if (holds_items_of(r.key)) flush();
  auto row = store_->load(r.key);
  if (!row) {
    store_failed(row.error(), "could not read a session");
    return to_error(row.error());
  }
  if (!*row) return to_error({errc::not_found, "no such session"});
  claim_answer answer;
  answer.row = std::move(**row);
  if (const auto* e = ledger_.find(r.key)) {
    auto events = store_->unsealed(r.key, std::vector<row_run>(e->runs.begin(), e->runs.end()));
    if (!events) {
      store_failed(events.error(), "could not read a session's events");
      return to_error(events.error());
    }
    answer.unsealed = std::move(*events);
  }
  answer.incarnation = ledger_.claim(r.key, answer.row, r.session);
  return answer;
}

void journal::append(const commit_request& r) {
  append_item i{caf::actor_cast<session_actor>(current_sender()), r, r.op->session,
                static_cast<std::int64_t>(r.op->events.size()), json_bytes(r.op->events)};
  if (ledger_.unsealed_bytes() + i.bytes > options_.bound_ceiling) {
    ask_for_seals();
    item refused = std::move(i);
    return refuse(refused, {errc::unavailable, "the journal is full, try again"});
  }
  batch_bytes_ += static_cast<std::size_t>(i.bytes);
  batch_.emplace_back(std::move(i));
  if (batch_bytes_ >= options_.max_batch_bytes)
    flush();
  else
    schedule_flush();
}

void journal::seal(const seal_request& r) {
  std::size_t bytes = 0;
  for (const auto& block : r.op->blocks) bytes += block->frames().size();
  seals_.push_back({caf::actor_cast<session_actor>(current_sender()), r.incarnation, r.op, bytes});
  schedule_flush();
}

caf::result<journal_created> journal::create(const journal_create& r) {
  create_item i{sure_promise<journal_created>{this}, r, r.op->workspace,
                static_cast<std::int64_t>(r.op->events.size()), json_bytes(r.op->events)};
  auto promise = i.promise;
  batch_bytes_ += static_cast<std::size_t>(i.bytes);
  batch_.emplace_back(std::move(i));
  schedule_flush();
  return promise;
}

caf::result<session_deleted> journal::remove(const journal_delete& r) {
  flush();
  const auto* e = ledger_.find(r.session);
  if (!e || e->incarnation != r.incarnation)
    return to_error({errc::unavailable, "the session has another writer by now"});
  const store_op op = delete_op{r.session};
  auto outcome = store_->commit({&op, 1});
  if (!outcome) {
    store_failed(outcome.error(), "could not delete a session");
    return to_error(outcome.error());
  }
  if (outcome->front().error.code != errc::none) return to_error(outcome->front().error);
  ledger_.erased(r.session);
  sweep_left_ = true;
  return session_deleted{};
}

caf::result<overlay_answer> journal::overlay(const overlay_request& r) {
  overlay_answer answer;
  for (const auto session : r.sessions)
    if (const auto* e = ledger_.find(session)) answer.tips.emplace_back(session, e->tip);
  return answer;
}

// --- the batch -------------------------------------------------------------------------

bool journal::holds_items_of(session_key session) const {
  for (const auto& i : batch_)
    if (const auto* a = std::get_if<append_item>(&i); a && a->session == session) return true;
  for (const auto& s : seals_)
    if (s.op->session == session) return true;
  return false;
}

void journal::schedule_flush() {
  if (flush_scheduled_) return;
  flush_scheduled_ = true;
  // Behind everything that the mailbox holds now: that is the batch.
  send(this, journal_flush{});
}

void journal::flush() {
  // Appends stand before seals: a seal's header may be as of an append of this very batch.
  std::size_t seal_bytes = 0;
  const auto allowance =
      ledger_.unsealed_bytes() > bound() ? SIZE_MAX : std::max(free_seal_bytes, batch_bytes_);
  while (!seals_.empty() && (seal_bytes == 0 || seal_bytes + seals_.front().bytes <= allowance)) {
    seal_bytes += seals_.front().bytes;
    batch_.emplace_back(std::move(seals_.front()));
    seals_.pop_front();
  }
  if (!seals_.empty()) schedule_flush();
  if (batch_.empty()) return;

  auto items = std::move(batch_);
  batch_.clear();
  since_checkpoint_ += 2 * batch_bytes_ + seal_bytes;
  batch_bytes_ = 0;
  std::vector<store_op> ops;
  std::vector<item> accepted;
  ops.reserve(items.size());
  accepted.reserve(items.size());
  auto check = ledger_.begin();
  for (auto& i : items) {
    result<void> fits;
    if (auto* a = std::get_if<append_item>(&i))
      fits = check.append(a->request.incarnation, a->request.previous_head, *a->request.op, a->request.tip);
    else if (auto* s = std::get_if<seal_item>(&i))
      fits = check.seal(s->incarnation, *s->op);
    if (!fits) {
      refuse(i, fits.error());
      continue;
    }
    if (auto* a = std::get_if<append_item>(&i))
      ops.emplace_back(std::move(*a->request.op));
    else if (auto* s = std::get_if<seal_item>(&i))
      ops.emplace_back(*s->op);  // its blocks are shared; the answer needs them
    else
      ops.emplace_back(std::move(*std::get<create_item>(i).request.op));
    accepted.push_back(std::move(i));
  }
  if (ops.empty()) return;
  auto outcomes = store_->commit(ops);
  if (!outcomes) {
    store_failed(outcomes.error(), "could not commit");
    for (auto& i : accepted) refuse(i, outcomes.error());
    return;
  }
  for (std::size_t n = 0; n < accepted.size(); ++n) {
    const auto& outcome = (*outcomes)[n];
    if (outcome.error.code != errc::none)
      refuse(accepted[n], outcome.error);
    else
      accept(accepted[n], outcome);
  }
  if (ledger_.unsealed_bytes() > bound()) ask_for_seals();
  keep_house(false);
}

void journal::refuse(item& i, const failure& why) {
  if (auto* a = std::get_if<append_item>(&i)) {
    ledger_.cut(a->session, a->request.incarnation);
    caf::anon_send(a->from, commit_done{a->request.incarnation, a->request.number, why});
  } else if (auto* s = std::get_if<seal_item>(&i)) {
    seal_answered(*s, why);
  } else {
    std::get<create_item>(i).promise.fail(why);
  }
}

void journal::accept(item& i, const op_outcome& outcome) {
  if (auto* a = std::get_if<append_item>(&i)) {
    const auto& r = a->request;
    if (a->count > 0) next_row_ = outcome.first_row + a->count;
    ledger_.appended(a->session, outcome.first_row, a->count, a->bytes, r.tip);
    caf::anon_send(a->from, commit_done{r.incarnation, r.number, {}});
  } else if (auto* s = std::get_if<seal_item>(&i)) {
    ledger_.sealed(s->op->session, s->op->blocks.back()->last_seq());
    seal_answered(*s, {});
  } else {
    auto& c = std::get<create_item>(i);
    if (!outcome.existed && c.count > 0) {
      next_row_ = outcome.first_row + c.count;
      ledger_.created(outcome.session, c.workspace, outcome.first_row, c.bytes, c.request.tip);
    }
    c.promise.deliver({outcome.session, outcome.existed, outcome.existing_id});
  }
}

void journal::seal_answered(const seal_item& i, failure error) {
  if (i.from)
    caf::anon_send(i.from, seal_done{i.incarnation, i.op->blocks.back()->last_seq(), std::move(error)});
}

// --- housekeeping -----------------------------------------------------------------------

std::int64_t journal::bound() const {
  const auto by_sessions = options_.bound_per_session * static_cast<std::int64_t>(ledger_.size());
  return std::min(options_.bound_ceiling, std::max(options_.bound_floor, by_sessions));
}

void journal::ask_for_seals() {
  for (const auto session : ledger_.oldest_sessions(owners_asked_at_once))
    if (const auto* e = ledger_.find(session); e && e->owner) caf::anon_send(e->owner, seal_wanted{});
  seal_orphans();
}

void journal::seal_orphans() {
  for (const auto session : ledger_.orphans(orphans_per_tick)) {
    if (holds_items_of(session)) continue;
    const auto* e = ledger_.find(session);
    auto op = make_orphan_seal(*store_, session, std::vector<row_run>(e->runs.begin(), e->runs.end()));
    if (!op) {
      store_failed(op.error(), "could not seal a session without a writer");
      continue;
    }
    std::size_t bytes = 0;
    for (const auto& block : (*op)->blocks) bytes += block->frames().size();
    seals_.push_back({session_actor{}, 0, std::move(*op), bytes});
  }
  if (!seals_.empty()) schedule_flush();
}

void journal::keep_house(bool idle) {
  const auto front = ledger_.oldest_row(next_row_);
  if (front > trimmed_ && (idle || front - trimmed_ >= static_cast<journal_row>(options_.trim_rows))) {
    if (auto report = store_->trim(front, trim_step_bytes)) {
      if (!report->more) trimmed_ = front;
    } else {
      store_failed(report.error(), "could not delete sealed rows");
    }
  }
  if (!checkpointing_ &&
      (since_checkpoint_ >= options_.checkpoint_bytes || (idle && since_checkpoint_ > 0))) {
    checkpointing_ = true;
    since_checkpoint_ = 0;
    send(options_.checkpointer, checkpoint_now{});
  }
  if (!idle) return;
  if (++ticks_ % ticks_between_sweeps == 0) sweep_left_ = true;  // idempotency records grow old
  if (!sweep_left_) return;
  if (auto left = store_->sweep(options_.now()))
    sweep_left_ = *left;
  else
    store_failed(left.error(), "could not remove a deleted session's rows");
}

void journal::checkpointed(const checkpoint_done& r) {
  checkpointing_ = false;
  if (r.error.code != errc::none) return store_failed(r.error, "could not write a checkpoint");
  // What was committed meanwhile is little: with it done too, the write-ahead log starts again from its
  // beginning instead of growing for as long as there is load.
  if (since_checkpoint_ == 0) return;
  since_checkpoint_ = 0;
  if (auto rest = store_->checkpoint(); !rest) store_failed(rest.error(), "could not write a checkpoint");
}

void journal::store_failed(const failure& f, const char* what) {
  spdlog::error("the store {}: {}", what, f.message);
  if (f.code == errc::io_failed) options_.fatal(f);
}

}  // namespace sandbase
