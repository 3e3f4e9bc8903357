// SPDX-License-Identifier: Apache-2.0
// How the session actor erases the payload of an event: finds it, hands the tombstone to the journal with the
// event that tells of it, and lets go of its own copies once that is durable.
#include "actors/caf/errors.hpp"
#include "actors/caf/timeouts.hpp"
#include "actors/diagnostics/log_event.hpp"
#include "actors/session/session.hpp"
#include "events/event/event_facts.hpp"

namespace sandbase {

caf::result<event_redacted> session::redact(const redact_event& r) {
  if (env_->core) return redact_at_core(r);
  redacted_promise promise{this};
  when_current_writer(
      [this, r, promise] {
        redactions_.push_back({r, promise, steady_now()});
        redact_next();
      },
      [promise](const failure& why) { promise.fail(why); });
  return promise;
}

void session::redact_next() {
  if (redacting_ != redacting::idle || redactions_.empty() || !is_writer()) return;
  redacting_ = redacting::looking;
  const auto number = ++redaction_number_;
  const auto& id = redactions_.front().what.id;
  if (const auto seq = tail_.find(id)) return redact_at(seq);
  request(env_->reader_of(key_), read_timeout, find_event{key_, {id}})
      .then(
          [this, number](const found_event& found) {
            if (number != redaction_number_) return;
            const auto seq = found.seqs.at(0);
            if (seq != 0 && seq <= durable_tip_.last_seq) return redact_at(seq);
            // Or a failover has lost that it was sealed, which a look at the end tells.
            const failure none{errc::not_found, "the session has no such event"};
            when_current([this, number, none] { refuse_redaction(number, none); },
                         [this, number](const failure& why) { refuse_redaction(number, why); });
          },
          [this, number](const caf::error& e) { refuse_redaction(number, to_failure(of_read(e))); });
}

/// Unless that one has its answer by now, or has begun anew.
void session::refuse_redaction(std::uint64_t number, const failure& why) {
  if (number != redaction_number_) return;
  redactions_.front().promise.fail(why);
  end_redaction();
}

void session::redact_at(seq_t seq) {
  if (tail_.holds(seq)) return redact_shown(tail_.slice(seq - 1, seq, 0).spans.front());
  request(env_->reader_of(key_), read_timeout, read_request{key_, {seq - 1, seq, 0, false}, seq})
      .then(
          [this, number = redaction_number_](const pull_answer& got) {
            if (number != redaction_number_) return;
            if (!got.slice.empty()) return redact_shown(got.slice.spans.front());
            redactions_.front().promise.fail(errc::corrupt, "the event is missing");
            end_redaction();
          },
          [this, number = redaction_number_](const caf::error& e) {
            refuse_redaction(number, to_failure(of_read(e)));
          });
}

void session::redact_shown(block_span shown) {
  const auto& [what, promise, since, lost_fences] = redactions_.front();
  const auto seq = shown.first;
  if (!is_writer() && env_->ends) {
    begin_redaction_again();
    return claim();
  }
  if (!is_writer()) {  // it has lost the log while it looked
    promise.fail(errc::unavailable, "the session is being opened again, try again");
    return end_redaction();
  }
  if (shown.block->proof(seq).is_leaf()) {
    promise.deliver({shown});
    return end_redaction();
  }
  if (sealing_ != 0) {
    redacting_ = redacting::behind_a_seal;
    found_ = std::move(shown);
    return;
  }
  found_ = {};
  auto built = appender_->redact(*shown.block, seq, what.reason, env_->clock->now());
  if (!built) {
    promise.fail(built.error());
    return end_redaction();
  }
  redacting_ = redacting::storing;
  erasing e{std::move(shown), built->op->erases->tombstone, promise};
  hand_over(std::move(*built), nullptr, {}, what.lease).erases = std::move(e);
}

/// It is durable: nobody is shown the payload from here on.
void session::erased(const erasing& what) {
  const auto seq = what.shown.first;
  ++erasures_;
  tail_.erase(seq, what.tombstone);
  session_progress waits;
  waits.pending = std::move(durable_pending_);
  waits.forget(facts_of(what.shown.block->json(seq)), what.shown.block->id(seq));
  durable_pending_ = std::move(waits.pending);
  log_event(spdlog::level::info, "event erased", field("session", durable_header_->definition->id),
            field("event", what.shown.block->id(seq)));
  answer_redacted(what);
  end_redaction();
}

void session::answer_redacted(const erasing& what) {
  const auto seq = what.shown.first;
  what.promise.deliver({{what.shown.block->with_tombstone(seq, what.tombstone), seq, seq}});
}

/// None of those that wait is done.
void session::redaction_failed(const failure& why) {
  for (const auto& r : std::exchange(redactions_, {})) r.promise.fail(why);
  redacting_ = redacting::idle;
  found_ = {};
  ++redaction_number_;
}

/// The one under way begins anew, once this is the writer.
void session::begin_redaction_again() {
  if (redacting_ == redacting::idle) return;
  redacting_ = redacting::idle;
  found_ = {};
  ++redaction_number_;
}

/// The one under way has its answer.
void session::end_redaction() {
  if (!redactions_.empty()) redactions_.pop_front();
  redacting_ = redacting::idle;
  found_ = {};
  ++redaction_number_;
  redact_next();
  seal_if_due(false);
  retire_if_done();
}

}  // namespace sandbase
