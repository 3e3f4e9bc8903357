// SPDX-License-Identifier: Apache-2.0
// The append path of the session actor: carries out what the pipeline says. What is known already is answered
// from the log, the rest gets its place and is handed to the journal; the answer comes with the commit.
#include "actors/caf/errors.hpp"
#include "actors/session/receipt_look.hpp"
#include "actors/session/session.hpp"

#include <caf/send.hpp>

namespace sandbase {

namespace {

constexpr std::string_view events_path = "events";

/// Of the header that goes with it, which may be much more than the request had.
std::int64_t own_bytes(const append_op& op) {
  const auto& [definition, progress] = *op.header;
  return static_cast<std::int64_t>(memory_of(progress) + (op.redefines ? memory_of(*definition) : 0));
}

}  // namespace

caf::result<append_answer> session::append(const append_request& r) {
  append_promise promise{this};
  active_ = true;
  if (env_->core)
    append_at_core(r, promise);
  else if (const auto owner = owner_elsewhere(r))
    forward(r, owner, promise);
  else
    append_here(r, promise);
  return promise;
}

void session::append_here(const append_request& r, const append_promise& promise) {
  auto a = std::make_shared<waiting_append>();
  a->request = r.request;
  a->author = r.author;
  a->is_retry = r.is_retry;
  a->idempotency_key = r.idempotency_key;
  a->body = r.body;
  a->unfit = r.unfit;
  a->print = r.print;
  a->client = r.client;
  a->lease = r.lease;
  a->since = steady_now();
  a->deadline = a->since + r.patience;
  a->promise = promise;
  pipeline_.begin(a);
  drive();
  retire_if_done();
}

const session::append_promise& session::promise_of(const pipelined_append_ptr& a) {
  return static_cast<const waiting_append&>(*a).promise;
}

const request_lease_ptr& session::lease_of(const pipelined_append_ptr& a) {
  return static_cast<const waiting_append&>(*a).lease;
}

void session::drive() {
  if (gone_)
    for (const auto& a : pipeline_.take_all()) promise_of(a).fail(why_gone_);
  if (!is_writer() && !pipeline_.empty()) claim();
  while (is_writer()) {
    const auto action = pipeline_.next(*this);
    if (!action) return come_again();
    carry_out(*action);
  }
}

void session::come_again() {
  if (pipeline_.waits_for_receipts() && !std::exchange(receipts_tick_, true))
    delayed_send(this, receipt_interval, retry_tick{retry_tick::what::receipts});
  if (pipeline_.remembers_tries() && !std::exchange(tries_tick_, true))
    delayed_send(this, try_sweep_interval, retry_tick{retry_tick::what::tries});
}

void session::carry_out(const append_action& action) {
  switch (action.what) {
    case append_action::kind::look_up_key:
      return look_up_key(action);
    case append_action::kind::look_at_receipts:
      return look_at_receipts(action);
    case append_action::kind::compare_sealed:
      return compare_sealed(action);
    case append_action::kind::look_up_ids:
      return look_up_ids(action);
    case append_action::kind::pass_previews:
      return pass_previews(action.append);
    case append_action::kind::store:
      return store(action.append);
    case append_action::kind::keep_key:
      return keep_key(action.append, action.events);
    case append_action::kind::answer_again:
      return answer_again(action);
    case append_action::kind::fail:
      return refuse(action);
  }
}

// --- storing -----------------------------------------------------------------------------------

void session::pass_previews(const pipelined_append_ptr& a) {
  const auto& header = appender_->header();
  if (header.definition->archived_at)
    return pipeline_.refused(a, {errc::invalid, "the session is archived: its log is read-only"});
  if (header.progress.status == session_status::terminated)
    return pipeline_.refused(a, {errc::invalid, "the session is terminated: it takes no events"});
  if (auto fits = check_end(*a->request); !fits) return pipeline_.refused(a, fits.error());
  const bool has_key = !a->idempotency_key.empty();
  if (has_key) keep_key(a, {});  // behind which they pass
  take_first_previews(*a->request, lease_of(a));
  if (has_key) return;
  promise_of(a).deliver({});
  pipeline_.settled(a, 0, 0, clock().now());
}

/// Its answer is there already, or is empty.
void session::keep_key(const pipelined_append_ptr& a, const std::vector<event_range>& events) {
  auto built = appender_->append_nothing();
  const auto [first, last] = events.size() == 1 ? events.front() : event_range{};
  built.op->idempotency = idempotency_record{a->idempotency_key, a->body, first, last, env_->clock->now()};
  hand_over(std::move(built), a, {}, lease_of(a));
}

/// Whether the log ends where the request wants it to.
result<void> session::check_end(const send_request& r) const {
  const auto& last_id = appender_->header().progress.tip.last_id;
  if (!r.has_expected_last_id || r.expected_last_id == last_id) return {};
  return {errc::conflict,
          "expected_last_event_id: the log ends with " + (last_id.empty() ? "nothing" : last_id)};
}

void session::store(const pipelined_append_ptr& a) {
  auto& r = *a->request;
  if (auto fits = check_end(r); !fits) return pipeline_.refused(a, fits.error());
  const auto now = env_->clock->now();
  auto built = appender_->append(r.events, events_path, a->author, now);
  if (!built) return pipeline_.refused(a, built.error());
  auto& op = *built->op;
  if (!a->idempotency_key.empty())
    op.idempotency = idempotency_record{a->idempotency_key, a->body, op.first_seq, op.tip.last_seq, now};
  take_first_previews(r, lease_of(a));
  const auto first_seq = op.first_seq;
  hand_over(std::move(*built), a, {}, lease_of(a));
  take_further_previews(r, first_seq);
  // The blocks have its events now, and it is done again only behind another process.
  if (!env_->ends) std::vector<event_draft>{}.swap(r.events);
}

/// What stands against it may be of a log that others have written on since.
void session::refuse(const append_action& action) {
  if (!env_->ends || !is_writer() || action.why.code == errc::unavailable) return fail(action);
  when_current(
      [this, action, epoch = epoch_] {
        const auto& promise = promise_of(action.append);
        if (gone_) return promise.fail(why_gone_);
        if (is_writer() && epoch_ == epoch) return fail(action);
        if (++static_cast<waiting_append&>(*action.append).lost_fences > max_lost_fences)
          return promise.fail(others_write());
        pipeline_.begin(action.append);
        drive();
      },
      [promise = promise_of(action.append)](const failure& why) { promise.fail(why); });
}

session::in_flight& session::hand_over(log_appender::built built, const pipelined_append_ptr& append,
                                       view_promise view, request_lease_ptr lease) {
  if (lease && built.op->header) lease->take(own_bytes(*built.op));
  built.op->session = key_;
  built.op->workspace = workspace_;
  built.op->epoch = epoch_;
  in_flight f;
  f.number = next_number_++;
  f.since = steady_now();
  f.tip = built.op->tip;
  f.header = built.op->header;
  f.blocks = std::move(built.blocks);
  f.pending_changes = std::move(built.pending_changes);
  f.view = std::move(view);
  f.lease = lease;
  f.ends_epoch = built.op->ends_epoch;
  in_flight_.push_back(std::move(f));
  pipeline_.handed_over(append, in_flight_.back().tip.last_seq);
  auto& out = in_flight_.back();
  send(env_->journal_of(key_), commit_request{out.number, std::move(built.op), std::move(lease), out.since});
  return out;
}

void session::committed(const commit_done& r) {
  // An earlier epoch's answers are void: its requests were answered when it ended.
  if (r.epoch != epoch_ || in_flight_.empty() || in_flight_.front().number != r.number) return;
  if (r.error.code != errc::none) return commit_failed(r.error);
  auto f = std::move(in_flight_.front());
  in_flight_.pop_front();
  durable_tip_ = std::move(f.tip);
  const bool header_changed = f.header != nullptr;
  if (header_changed) durable_header_ = std::move(f.header);
  for (const auto& [id, facts] : f.pending_changes) update_pending(durable_pending_, facts, id);
  log_slice stored;
  for (auto& block : f.blocks) {
    stored.spans.push_back({block, block->first_seq(), block->last_seq()});
    tail_.push(std::move(block));
  }
  tell_sizes();
  // The writer first: its next request may be on its way while a thousand streams are written to.
  if (const auto append = pipeline_.committed(clock().now()))
    promise_of(append).deliver(append_answer{stored, false});
  if (!followers_.empty()) {
    if (!stored.empty() || header_changed)
      publish(std::move(stored), f.previews);
    else
      publish_previews(f.previews);
  }
  tell_board();
  if (f.view) f.view.deliver({view_header()});
  if (f.erases) erased(*f.erases);
  if (f.ends_epoch) end_epoch();
  drive();
  seal_if_due(false);
  remove_when_settled();
  retire_if_done();
}

/// The store takes nothing more of it.
void session::end_epoch() {
  ++known_epoch_;
  if (!in_flight_.empty()) return commit_failed({errc::fenced, "the session's epoch has ended"});
  appender_.reset();
  epoch_ = 0;
  sealing_ = 0;
  tell_sizes();
  if (!redactions_.empty() || !removals_.empty()) claim();
}

void session::commit_failed(const failure& why, bool may_be_stored) {
  // Nothing behind the failed commit can have been stored: the ledger refuses what does not continue the log.
  // So these are refused as well, and the claim tells where the log ends.
  auto failed = std::exchange(in_flight_, {});
  const bool is_fenced = why.code == errc::fenced && env_->ends;
  const bool is_unknown = why.code == errc::unknown_outcome || is_fenced;
  auto lost = is_unknown ? pipeline_.suspended() : pipeline_.failed();
  claim();
  if (is_unknown) {
    for (auto& f : failed) {
      pipelined_append_ptr append;
      if (!f.view && !f.erases) append = std::move(lost.front()), lost.erase(lost.begin());
      unknown_.push_back({std::move(f), std::move(append), is_fenced, is_fenced && !may_be_stored});
    }
    return;
  }
  for (const auto& a : lost) promise_of(a).fail(why);
  for (auto& f : failed) {
    fail(f, why);
    if (f.erases) end_redaction();
  }
}

void session::fail(const in_flight& f, const failure& why) {
  f.view.fail(why);
  if (f.erases) f.erases->promise.fail(why);
}

}  // namespace sandbase
