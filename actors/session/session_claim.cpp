// SPDX-License-Identifier: Apache-2.0
// How a session becomes the writer of its log, what a claim settles, and how it ends.
#include "actors/caf/errors.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/diagnostics/log_event.hpp"
#include "actors/session/session.hpp"
#include "persistence/log_recovery.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

namespace sandbase {

/// What the journal was given before is decided when the answer comes.
void session::claim() {
  if (claiming_ || gone_) return;
  claiming_ = true;
  claiming_since_ = steady_now();
  appender_.reset();
  epoch_ = 0;
  request(env_->journal_of(key_), commit_timeout, claim_request{key_, session_actor{this}, clock().now()})
      .then([this](const claim_answer& answer) { claimed(answer.claimed); },
            [this](const caf::error& e) { claim_failed(to_failure(of_read(e))); });
}

void session::claimed(const claimed_session& claimed) {
  if (gone_) {
    claiming_ = false;
    return retire_if_done();  // by which it is given back
  }
  auto log = recover_log(claimed.log.row, claimed.log.unsealed);
  if (!log) return claim_failed(log.error());
  if (claimed.replaced != 0 && env_->placement)
    if (const auto link = env_->placement->link_to(claimed.replaced))
      caf::anon_send(link, tell_claimed{key_});
  build_on(claimed.epoch, claimed.log.row.sealed_seq, std::make_shared<const recovered_log>(std::move(*log)));
}

/// Somebody has claimed since, which was known here before the answer came; unless what is known is lost.
void session::claim_again() {
  when_current(
      [this] {
        claiming_ = false;
        claim();
      },
      [this](const failure& why) { claim_failed(why); });
}

/// On the log that the claim has found, unless it is not one that what is known here is the begin of.
void session::build_on(epoch_t epoch, seq_t sealed, const std::shared_ptr<const recovered_log>& log) {
  if (env_->ends && epoch < known_epoch_) return claim_again();
  const auto& known = durable_tip_;
  const auto& tip = log->header.progress.tip;
  if (!opening_ &&
      (tip.last_seq < known.last_seq || (tip.last_seq == known.last_seq && tip.head != known.head))) {
    claiming_ = false;
    return end_of_lost(tip.last_seq);
  }
  if (opening_ || known.last_seq == 0 || known.last_seq == tip.last_seq)
    return take_claim(epoch, sealed, *log);
  look_whether_it_follows(
      log->unsealed,
      [this, epoch, sealed, log, was = this->known()](bool follows) {
        if (!gone_ && this->known() != was) return build_on(epoch, sealed, log);
        if (!gone_ && follows) return take_claim(epoch, sealed, *log);
        claiming_ = false;
        if (gone_) return retire_if_done();
        end_of_lost(log->header.progress.tip.last_seq);
      },
      [this](const failure& why) { claim_failed(why); });
}

void session::take_claim(epoch_t epoch, seq_t sealed, const recovered_log& log) {
  claiming_ = false;
  const auto known = durable_tip_;
  const auto& tip = log.header.progress.tip;
  epoch_ = known_epoch_ = epoch;
  writer_ = env_->self;
  is_stale_ = false;
  next_number_ = 1;
  sealing_ = 0;
  can_be_sealed_ = true;
  appender_ = std::make_unique<log_appender>(log.header);
  const bool has_more = tip.last_seq > known.last_seq;
  const auto state = opening_ ? log_state{} : durable_state();
  if (has_more || (sealed != tail_.sealed_seq() && sealed != tail_.last_seq())) {
    adopt(sealed, log);
  } else {
    know(log.header);
    if (sealed > tail_.sealed_seq()) tail_.mark_sealed(sealed);  // by housekeeping, while there was no writer
    tell_sizes();
  }
  // It may also have been archived: there is no event of that.
  if (!opening_ && !followers_.empty() && (has_more || durable_state() != state))
    publish(
        tail_.holds(known.last_seq + 1) ? tail_.slice(known.last_seq, tip.last_seq, SIZE_MAX) : log_slice{},
        {});
  if (opening_ || has_more || durable_state() != state) tell_board();
  opening_ = false;
  log_event(spdlog::level::debug, "session claimed", field("session", durable_header_->definition->id),
            field("epoch", epoch_), field("last_seq", tip.last_seq), field("sealed", sealed));
  keep_watch();
  settle_unknown();
  pipeline_.claimed(log.header.progress);
  remove_when_settled();  // it came before those that waited for the claim
  // One of them may be a deletion as well: the others then wait for its outcome.
  auto waiting = std::exchange(deferred_, {});
  for (auto& d : waiting) when_writer(std::move(d));
  drive();
  if (redacting_ == redacting::behind_a_seal)
    redact_shown(found_);  // which the claim has decided
  else
    redact_next();
  retire_if_done();
}

/// Takes over what the store knows.
void session::adopt(seq_t sealed_seq, const recovered_log& log) {
  cache_.reset();
  tail_ = log_tail{sealed_seq};
  for (const auto& block : log.unsealed) tail_.push(block);
  know(log.header);
  tell_sizes();
}

/// The same definition as the appender's: one is enough.
void session::know(const session_header& durable) {
  durable_header_ = std::make_shared<const session_header>(durable);
  durable_tip_ = durable.progress.tip;
  durable_pending_ = durable.progress.pending;
}

/// Commits of unknown outcome are what the claim has found: in the log, or never to come.
void session::settle_unknown() {
  for (auto& u : std::exchange(unknown_, {})) {
    const auto& f = u.what;
    const auto last = f.tip.last_seq;
    const bool is_stored =
        !u.is_surely_lost && !f.blocks.empty() && last <= durable_tip_.last_seq &&
        (tail_.holds(last) ? tail_.block_of(last).json(last) == f.blocks.back()->json(last)
                           : last == durable_tip_.last_seq && f.tip.head == durable_tip_.head);
    if (!is_stored && u.is_fenced && begin_again(u)) continue;
    if (!is_stored) {
      answer_unknown(u, f.blocks.empty()
                            ? failure{errc::unknown_outcome, "whether it was stored is not known"}
                            : failure{errc::unavailable, "it was not stored, try again"});
      if (f.erases) end_redaction();
      continue;
    }
    log_slice stored;
    for (const auto& block : f.blocks) stored.spans.push_back({block, block->first_seq(), block->last_seq()});
    if (!u.append) {
      if (f.erases)
        erased(*f.erases);
      else
        f.view.deliver({view_header()});
      continue;
    }
    pipeline_.settled(u.append, f.blocks.front()->first_seq(), last, clock().now());
    promise_of(u.append).deliver(append_answer{std::move(stored), false});
  }
}

/// It is not stored, and never will be as it was. @returns whether it is done again
bool session::begin_again(const unknown_commit& u) {
  if (u.append) return ++static_cast<waiting_append&>(*u.append).lost_fences <= max_lost_fences;
  if (u.what.erases) {
    if (redactions_.empty() || ++redactions_.front().lost_fences > max_lost_fences) return false;
    begin_redaction_again();
    return true;
  }
  deferred_.push_back(
      {u.what.again, [view = u.what.view](const failure& why) { view.fail(why); }, u.what.since});
  return true;
}

void session::answer_unknown(const unknown_commit& u, const failure& why) {
  if (!u.append) return fail(u.what, why);
  promise_of(u.append).fail(why);
  pipeline_.done(u.append);
}

/// There is no claim that tells: `why`.
void session::answer_all_unknown(const failure& why) {
  for (auto& u : std::exchange(unknown_, {}))
    answer_unknown(u, u.is_surely_lost ? why
                                       : failure{errc::unknown_outcome,
                                                 "whether it was stored is not known: " + why.message});
}

void session::claim_failed(const failure& why) {
  claiming_ = false;
  if (gone_) return retire_if_done();  // everybody has heard why
  // All that comes of why the node is closed was said with that.
  if (why.code != errc::not_found && !env_->gate->why_closed())
    spdlog::error("session {} cannot be claimed: {}", key_, why.message);
  // What is damaged is not mended by asking again: its readers are told, and a look-up is an error at once.
  if (why.code == errc::not_found || why.code == errc::corrupt || opening_) return end(why);
  answer_all_unknown(why);
  for (const auto& a : pipeline_.take_all()) promise_of(a).fail(why);
  auto waiting = std::exchange(deferred_, {});
  for (auto& d : waiting) d.fail(why);
  for (auto& r : std::exchange(removals_, {})) r.promise.fail(why);
  redaction_failed(why);
  retire_if_done();
}

/// It is deleted, or cannot go on: everybody hears why. `remover`: who had it deleted.
void session::end(const failure& why, const deleted_promise& remover) {
  gone_ = true;
  why_gone_ = why;
  opening_ = false;
  appender_.reset();
  epoch_ = 0;
  sealing_ = 0;  // nobody waits for it any more
  const failure unknown{errc::unknown_outcome, "whether it was stored is not known: " + why.message};
  for (const auto& a : pipeline_.failed()) promise_of(a).fail(unknown);
  for (const auto& f : std::exchange(in_flight_, {})) fail(f, unknown);
  // First, so that whoever has an answer and asks again is not given this handle.
  caf::anon_send(directory_, session_goes{key_});
  remover.deliver({});
  if (why.code == errc::not_found) publish_deletion();
  answer_all_unknown(why);
  for (auto& d : std::exchange(deferred_, {})) d.fail(why);
  for (auto& r : std::exchange(removals_, {})) r.promise.fail(why);
  redaction_failed(why);
  // They may take longer than whoever looks the session up should wait for.
  if (is_to_be_opened_again())
    handed_over_.give_up({errc::unknown_outcome,
                          "another server was doing it when the session's log turned out not to be what it "
                          "was: whether it is done is not known"});
  drive();
  retiring_ = true;
  retire_if_done();
}

}  // namespace sandbase
