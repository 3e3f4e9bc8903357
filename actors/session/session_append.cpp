// SPDX-License-Identifier: Apache-2.0
// The append path of the session actor: what is known already is answered from the log, the rest gets its
// place and is handed to the journal; the answer comes with the commit.
#include "actors/caf/errors.hpp"
#include "actors/session/session.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace sandbase {

namespace {

constexpr std::string_view events_path = "events";
/// How long an SDK's own retry (without an idempotency key) finds its first try.
constexpr std::chrono::minutes retry_window{2};
/// An earlier answer holds at most one request's events.
constexpr std::size_t whole_answer_bytes = 256 * 1024 * 1024;

}  // namespace

caf::result<append_answer> session::append(const append_request& r) {
  auto a = std::make_shared<waiting_append>();
  a->request = r;
  a->promise = append_promise{this};
  auto promise = a->promise;
  when_serving([this, a] { proceed(a); });
  return promise;
}

void session::proceed(const waiting_append_ptr& a) {
  if (gone_) return a->promise.fail(why_gone_);
  if (claiming()) return deferred_.push_back([this, a] { proceed(a); });
  if (a->request.request->events.empty()) return pass_previews(a);
  if (answer_known_key(a)) return;
  if (answer_retry(a)) return;
  std::vector<std::string> foreign;
  const auto& drafts = a->request.request->events;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const auto& id = drafts[i].id;
    if (id.empty()) continue;
    if (is_pending_or_recent(id)) return refuse_id(a, i);
    foreign.push_back(id);
  }
  if (!foreign.empty() && !a->ids_are_new) return look_up_ids(a, std::move(foreign));
  store(a);
}

// --- what was answered before --------------------------------------------------------------

bool session::answer_known_key(const waiting_append_ptr& a) {
  const auto& key = a->request.idempotency_key;
  if (key.empty() || a->key_is_new) return false;
  // A second request while the first runs waits for it, then finds its record.
  auto [i, is_first] = keys_in_work_.try_emplace(key);
  if (!is_first) {
    i->second.push_back(a);
    return true;
  }
  look_up_key(a);
  return true;
}

void session::settle_key(const waiting_append_ptr& a) {
  if (!a->key_is_new) return;
  a->key_is_new = false;
  auto node = keys_in_work_.extract(a->request.idempotency_key);
  if (node.empty()) return;
  for (auto& waiter : node.mapped()) proceed(waiter);
}

void session::look_up_key(const waiting_append_ptr& a) {
  ++look_ups_;
  request(env_->reader_of(key_), caf::infinite,
          find_idempotency{workspace_, key_, a->request.idempotency_key})
      .then(
          [this, a](const found_idempotency& found) {
            --look_ups_;
            a->key_is_new = true;
            if (!found.found) return proceed(a);
            if (found.record.body != a->request.body)
              a->promise.fail(errc::conflict, "Idempotency-Key: it was used with another body");
            else
              answer_again(a, found.record.first_seq, found.record.last_seq);
            settle_key(a);
            retire_if_done();
          },
          [this, a](const caf::error& e) {
            --look_ups_;
            a->key_is_new = true;
            a->promise.fail(e);
            settle_key(a);
            retire_if_done();
          });
}

/// The author's last events, if they are young enough and as many as the request holds.
std::optional<append_run> session::first_try_of(const append_request& r) const {
  for (const auto& run : appender_->header().progress.recent_appends) {
    if (run.author != r.author) continue;
    const auto count = r.request->events.size();
    if (env_->now() - run.at > retry_window || run.last - run.first + 1 < count) return std::nullopt;
    return append_run{run.author, run.last + 1 - count, run.last, run.at};
  }
  return std::nullopt;
}

/// @returns whether the request needs no further care: it is answered, or
/// will be when its first try is durable or read
bool session::answer_retry(const waiting_append_ptr& a) {
  // With an Idempotency-Key that key alone decides.
  if (!a->request.is_retry || a->is_no_retry || !a->request.idempotency_key.empty()) return false;
  const auto run = first_try_of(a->request);
  if (!run) return false;
  const auto& drafts = a->request.request->events;
  const auto equals = [&](seq_t seq, const log_block& block) {
    return renders_to(drafts[seq - run->first], block.json(seq));
  };
  for (auto seq = run->first; seq <= run->last; ++seq) {
    const auto* block = find_block(seq);
    if (!block) {  // sealed and gone from memory
      compare_with_sealed(a, *run);
      return true;
    }
    if (!equals(seq, *block)) return false;
  }
  if (run->last <= durable_tip_.last_seq) {
    answer_again(a, run->first, run->last);
    return true;
  }
  const auto f = std::find_if(in_flight_.begin(), in_flight_.end(),
                              [&](const in_flight& x) { return x.tip.last_seq >= run->last; });
  f->followers.push_back({a, std::nullopt, std::pair{run->first, run->last}});
  return true;
}

void session::compare_with_sealed(const waiting_append_ptr& a, const append_run& run) {
  ++look_ups_;
  request(env_->reader_of(key_), caf::infinite,
          read_request{key_, {run.first - 1, run.last, whole_answer_bytes, false}, run.last})
      .then(
          [this, a, run](const pull_answer& got) {
            --look_ups_;
            const auto& drafts = a->request.request->events;
            bool same = true;
            for (auto seq = run.first; seq <= run.last && same; ++seq) {
              const auto* block = find_block(seq);
              for (const auto& span : got.slice.spans)
                if (!block && seq >= span.first && seq <= span.last) block = span.block.get();
              same = block && renders_to(drafts[seq - run.first], block->json(seq));
            }
            if (same && run.last <= durable_tip_.last_seq) {
              answer_again(a, run.first, run.last);
              return retire_if_done();
            }
            a->is_no_retry = true;
            proceed(a);
          },
          [this, a](const caf::error& e) {
            --look_ups_;
            a->promise.fail(e);
            retire_if_done();
          });
}

/// The block that shows `seq`, durable or in flight; null if it is not in memory.
const log_block* session::find_block(seq_t seq) const {
  if (tail_.holds(seq)) return &tail_.block_of(seq);
  for (const auto& f : in_flight_)
    for (const auto& block : f.blocks)
      if (seq >= block->first_seq() && seq <= block->last_seq()) return block.get();
  return nullptr;
}

void session::answer_again(const waiting_append_ptr& a, seq_t first, seq_t last) {
  if (first >= tail_.first_seq()) {
    a->promise.deliver(append_answer{tail_.slice(first - 1, last, whole_answer_bytes), true});
    return;
  }
  request(env_->reader_of(key_), caf::infinite,
          read_request{key_, {first - 1, last, whole_answer_bytes, false}, last})
      .then(
          [a, last, this](const pull_answer& answer) {
            // The record's events may stand half in segments and half in the tail.
            auto slice = answer.slice;
            const auto got = slice.empty() ? seq_t{0} : slice.last_seq();
            if (got != 0 && got < last && tail_.holds(got + 1))
              for (auto& span : tail_.slice(got, last, whole_answer_bytes).spans)
                slice.spans.push_back(std::move(span));
            a->promise.deliver(append_answer{std::move(slice), true});
          },
          [a](const caf::error& e) { a->promise.fail(e); });
}

// --- own ids ---------------------------------------------------------------------------------

bool session::shows(std::string_view id, seq_t place) const {
  const auto* block = find_block(place);
  return block && block->id(place) == id;
}

bool session::is_pending_or_recent(std::string_view id) const {
  if (recent_ids_.contains(std::string{id})) return true;
  const auto place = told_place(id);
  return (place && shows(id, *place)) || find_in_tail(id) != 0;
}

void session::look_up_ids(const waiting_append_ptr& a, std::vector<std::string> ids) {
  ++look_ups_;
  request(env_->reader_of(key_), caf::infinite, find_event{key_, std::move(ids)})
      .then(
          [this, a](const found_event& found) {
            --look_ups_;
            const auto& drafts = a->request.request->events;
            std::size_t n = 0;
            for (std::size_t i = 0; i < drafts.size(); ++i)
              if (!drafts[i].id.empty() && found.seqs.at(n++) != 0) return refuse_id(a, i);
            a->ids_are_new = true;
            proceed(a);
            if (look_ups_ == 0 && in_flight_.empty()) recent_ids_.clear();
          },
          [this, a](const caf::error& e) {
            --look_ups_;
            a->promise.fail(e);
            settle_key(a);
            retire_if_done();
          });
}

void session::refuse_id(const waiting_append_ptr& a, std::size_t event) {
  refuse(a, {errc::invalid, "events[" + std::to_string(event) + "].id: \"" +
                                a->request.request->events[event].id + "\" is in this session already"});
}

// --- storing -----------------------------------------------------------------------------------

void session::pass_previews(const waiting_append_ptr& a) {
  const auto& header = appender_->header();
  if (header.definition.archived_at)
    return refuse(a, {errc::invalid, "the session is archived: its log is read-only"});
  if (header.progress.status == session_status::terminated)
    return refuse(a, {errc::invalid, "the session is terminated: it takes no events"});
  take_first_previews(*a->request.request);
  a->promise.deliver({});
}

void session::store(const waiting_append_ptr& a) {
  auto& r = *a->request.request;
  const auto& last_id = appender_->header().progress.tip.last_id;
  if (r.has_expected_last_id && r.expected_last_id != last_id)
    return refuse(a, {errc::conflict, "expected_last_event_id: the log ends with " +
                                          (last_id.empty() ? "nothing" : last_id)});
  const auto now = env_->now();
  auto built = appender_->append(r.events, events_path, a->request.author, now);
  if (!built) return refuse(a, built.error());
  auto& op = *built->op;
  if (!a->request.idempotency_key.empty())
    op.idempotency = idempotency_record{a->request.idempotency_key, a->request.body, op.first_seq,
                                        built->tip.last_seq, now};
  for (const auto& draft : r.events)
    if (!draft.id.empty()) recent_ids_.insert(draft.id);
  take_first_previews(r);
  const auto first_seq = op.first_seq;
  hand_over(std::move(*built), a, {});
  take_further_previews(r, first_seq);
  // The blocks have its events now, and it is not tried again.
  std::vector<event_draft>{}.swap(r.events);
}

void session::refuse(const waiting_append_ptr& a, failure why) {
  if (!in_flight_.empty()) {
    // The refusal may rest on an event that is not durable yet.
    in_flight_.back().followers.push_back({a, std::move(why), std::nullopt});
    return;
  }
  a->promise.fail(why);
  settle_key(a);
  retire_if_done();
}

void session::hand_over(log_appender::built built, waiting_append_ptr append, view_promise view) {
  built.op->session = key_;
  built.op->workspace = workspace_;
  in_flight f;
  f.number = next_number_++;
  f.tip = built.tip;
  f.header = built.op->header;
  f.blocks = std::move(built.blocks);
  f.pending_changes = std::move(built.pending_changes);
  f.append = std::move(append);
  f.view = std::move(view);
  in_flight_.push_back(std::move(f));
  send(env_->journal, commit_request{incarnation_, in_flight_.back().number, built.previous_head,
                                     std::move(built.tip), std::move(built.op)});
}

void session::committed(const commit_done& r) {
  // An earlier incarnation's answers are void: its requests were answered when it ended.
  if (r.incarnation != incarnation_ || in_flight_.empty() || in_flight_.front().number != r.number) return;
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
  // The writer first: its next request may be on its way while a thousand streams are written to.
  if (f.append) {
    f.append->promise.deliver(append_answer{stored, false});
    settle_key(f.append);
  }
  if (!followers_.empty()) {
    if (!stored.empty() || header_changed)
      publish(std::move(stored), f.previews);
    else
      publish_previews(f.previews);
  }
  if (f.view) f.view.deliver({view_header()});
  for (auto& w : f.followers) {
    if (w.again)
      answer_again(w.append, w.again->first, w.again->second);
    else
      w.append->promise.fail(*w.refusal);
    settle_key(w.append);
  }
  if (look_ups_ == 0 && in_flight_.empty()) recent_ids_.clear();
  seal_if_due(false);
  remove_when_settled();
  retire_if_done();
}

void session::commit_failed(const failure& why) {
  // Nothing behind the failed commit can have been stored: the ledger refuses what does not continue the log.
  // So these are refused as well, and the claim tells where the log ends.
  auto failed = std::exchange(in_flight_, {});
  incarnation_ = 0;
  claim();
  for (auto& f : failed) {
    if (f.append) {
      f.append->promise.fail(why);
      settle_key(f.append);
    }
    f.view.fail(why);
    for (auto& w : f.followers) deferred_.push_back([this, a = w.append] { proceed(a); });
  }
  recent_ids_.clear();
}

}  // namespace sandbase
