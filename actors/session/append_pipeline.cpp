// SPDX-License-Identifier: Apache-2.0
#include "actors/session/append_pipeline.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

failure other_body() { return {errc::conflict, "Idempotency-Key: it was used with another body"}; }

}  // namespace

// --- what happens ---------------------------------------------------------------------------

void append_pipeline::begin(const append_ptr& a) {
  a->outcome_.reset();
  a->joined_.reset();
  a->told_.clear();
  a->client_told_.reset();
  a->key_is_kept_ = false;
  a->place_ = open_.insert(open_.end(), a);
  go_on(a, stage::key);
}

void append_pipeline::go_on(const append_ptr& a, stage at) {
  a->at_ = at;
  ready_.push_back(a);
}

bool append_pipeline::is_awaited(const append_action& asked) {
  if (asked.round != round_ || asked.append->at_ == stage::over) return false;
  if (asked.what == append_action::kind::look_up_ids) --id_look_ups_;
  return true;
}

void append_pipeline::key_looked_up(const append_action& asked,
                                    const std::optional<idempotency_record>& found) {
  if (!is_awaited(asked)) return;
  const auto& a = asked.append;
  if (!found && a->unfit.code != errc::none) {
    a->outcome_ = outcome{a->unfit, {}};
    return go_on(a, stage::waiting);
  }
  if (!found) return go_on(a, stage::ids);  // with an Idempotency-Key that key alone decides
  if (found->has_body() && found->body != a->body) {
    a->outcome_ = outcome{other_body(), {}};
    return go_on(a, stage::waiting);
  }
  a->key_is_kept_ = found->first_seq == 0;
  if (a->key_is_kept_ && !a->request->events.empty()) return go_on(a, stage::ids);
  a->outcome_ = outcome{{}, range_of(found->first_seq, found->last_seq), !found->has_body()};
  go_on(a, stage::waiting);
}

void append_pipeline::ids_looked_up(const append_action& asked, const std::vector<seq_t>& seqs) {
  if (!is_awaited(asked)) return;
  const auto& drafts = asked.append->request->events;
  std::size_t n = 0;
  for (std::size_t i = 0; i < drafts.size(); ++i)
    if (!drafts[i].id.empty() && seqs.at(n++) != 0) return refuse_id(asked.append, i);
  go_on(asked.append, stage::store);
}

void append_pipeline::look_up_failed(const append_action& asked, failure why) {
  if (!is_awaited(asked)) return;
  asked.append->outcome_ = outcome{std::move(why), {}};
  go_on(asked.append, stage::waiting);
}

void append_pipeline::handed_over(const append_ptr& a, seq_t last) {
  const auto count = a && !a->outcome_ ? a->request->events.size() : 0;
  commits_.push_back({last + 1 - count, last, a, {}});
  if (!a) return;
  a->at_ = stage::waiting;
  if (count == 0) return;
  for (const auto& draft : a->request->events)
    if (!draft.id.empty()) recent_ids_.insert(draft.id);
}

void append_pipeline::refused(const append_ptr& a, failure why) { refuse(a, {std::move(why), {}}); }

void append_pipeline::refuse(const append_ptr& a, outcome why) {
  a->outcome_ = std::move(why);
  if (commits_.empty()) return go_on(a, stage::waiting);
  a->at_ = stage::waiting;
  commits_.back().waiters.push_back(a);
}

void append_pipeline::done(const append_ptr& a) {
  if (a->at_ == stage::over) return;
  a->at_ = stage::over;
  open_.erase(a->place_);
  if (a->try_) {
    if (!a->try_->is_answered) tries_.forget(a->try_);
    const auto waits = [&](const append_ptr& b) { return b->author == a->author && b->print == a->print; };
    if (std::ranges::any_of(undecided_, waits)) wake();
  }
  const auto key = keys_.find(a->idempotency_key);
  if (key == keys_.end() || key->second.holder != a) return;
  const auto waiters = std::move(key->second.waiters);
  keys_.erase(key);
  for (const auto& waiter : waiters) go_on(waiter, stage::key);
}

append_pipeline::append_ptr append_pipeline::committed(try_book::time_point now) {
  auto c = std::move(commits_.front());
  commits_.pop_front();
  known_end_ = c.last;
  for (const auto& waiter : c.waiters) go_on(waiter, stage::waiting);
  const bool is_kept_key = c.append && c.append->outcome_;
  if (is_kept_key)
    go_on(std::exchange(c.append, nullptr), stage::waiting);
  else if (c.append)
    settled(c.append, c.first, c.last, now);
  forget_ids();
  return c.append;
}

void append_pipeline::settled(const append_ptr& a, seq_t first, seq_t last, try_book::time_point now) {
  known_end_ = std::max(known_end_, last);
  if (const auto& t = a->try_) {
    t->first = first;
    t->last = last;
    try_book::answered(*t, now);
  }
  done(a);
}

std::vector<append_pipeline::append_ptr> append_pipeline::suspended() {
  std::vector<append_ptr> lost;
  for (auto& c : std::exchange(commits_, {}))
    if (c.append) lost.push_back(std::move(c.append));
  return lost;
}

std::vector<append_pipeline::append_ptr> append_pipeline::failed() {
  auto lost = suspended();
  for (const auto& a : lost) done(a);
  return lost;
}

void append_pipeline::claimed(const session_progress& progress) {
  find_unknown_appends(progress, std::exchange(known_end_, progress.tip.last_seq));
  begin_round();
  for (const auto& a : open_) {
    if (const auto joined = std::exchange(a->joined_, nullptr)) try_book::leave(*joined, a->client);
    a->told_.clear();
    a->client_told_.reset();
    a->outcome_.reset();
    go_on(a, stage::key);
  }
}

/// Whatever was looked up, and who waits for whom, counts no more.
void append_pipeline::begin_round() {
  ++round_;
  ready_.clear();
  commits_.clear();
  undecided_.clear();
  receipts_awaited_ = false;
  keys_.clear();
  recent_ids_.clear();
  id_look_ups_ = 0;
}

/// What is known of tries stays: a session that cannot be claimed just now may be later.
std::vector<append_pipeline::append_ptr> append_pipeline::take_all() {
  std::vector<append_ptr> all{open_.begin(), open_.end()};
  begin_round();
  for (const auto& a : all) {
    if (const auto joined = std::exchange(a->joined_, nullptr)) try_book::leave(*joined, a->client);
    done(a);
  }
  return all;
}

/// Once nobody's look-up can have missed them.
void append_pipeline::forget_ids() {
  if (id_look_ups_ == 0 && commits_.empty()) recent_ids_.clear();
}

// --- the way of one append ------------------------------------------------------------------

append_pipeline::step append_pipeline::next(const append_log& log) {
  while (!ready_.empty()) {
    const auto a = std::move(ready_.front());
    ready_.pop_front();
    if (auto action = advance(a, log)) return action;
  }
  return std::nullopt;
}

append_pipeline::step append_pipeline::advance(const append_ptr& a, const append_log& log) {
  if (a->at_ < stage::waiting) {
    if (a->client && a->client->known() == receipt::state::lost) return drop(a, log);
    if (log.steady_now() >= a->deadline) {
      a->outcome_ = outcome{{errc::unavailable, "nobody waits for the answer any more"}, {}};
      return answer(a, log);
    }
  }
  switch (a->at_) {
    case stage::key:
      if (!a->idempotency_key.empty()) return pass_key(a);
      [[fallthrough]];
    case stage::retry:
      a->at_ = stage::retry;
      return pass_retry(a, log);
    case stage::ids:
    case stage::store:
      return pass_ids(a, log);
    case stage::waiting:
      return answer(a, log);
    case stage::over:
      break;
  }
  return std::nullopt;
}

void append_pipeline::remember(const append_ptr& a, const append_log& log) {
  a->try_ = tries_.remember(a->author, a->print, a->client, log.steady_now());
  a->try_->is_ahead = a->is_retry;
}

/// Its client has given up, and may have sent the same again. Who has handed it over is not to do it in place
/// of this one, as if it were merely refused.
append_pipeline::step append_pipeline::drop(const append_ptr& a, const append_log& log) {
  a->outcome_ = outcome{{errc::unknown_outcome, "its client has given up"}, {}};
  return answer(a, log);
}

append_action append_pipeline::act(append_action::kind what, const append_ptr& a) const {
  append_action action;
  action.what = what;
  action.append = a;
  action.round = round_;
  return action;
}

append_pipeline::step append_pipeline::pass_key(const append_ptr& a) {
  // A second request while the first runs waits for it, then finds its record.
  auto& key = keys_[a->idempotency_key];
  if (key.holder) {
    key.waiters.push_back(a);
    return std::nullopt;
  }
  key.holder = a;
  return act(append_action::kind::look_up_key, a);
}

std::optional<std::size_t> append_pipeline::find_taken_id(const pipelined_append& a,
                                                          const append_log& log) const {
  const auto& drafts = a.request->events;
  const auto is_taken = [&](const event_draft& draft) {
    return !draft.id.empty() && (recent_ids_.contains(draft.id) || log.shows_id(draft.id));
  };
  const auto found = std::ranges::find_if(drafts, is_taken);
  if (found == drafts.end()) return std::nullopt;
  return static_cast<std::size_t>(found - drafts.begin());
}

/// Before the look-up and behind it: others may have been stored meanwhile.
append_pipeline::step append_pipeline::pass_ids(const append_ptr& a, const append_log& log) {
  if (a->at_ == stage::retry) a->at_ = stage::ids;
  if (settle_repeats(a, log)) return keep_key(a);
  if (!a->try_ && a->idempotency_key.empty()) remember(a, log);
  if (a->request->events.empty()) {
    if (has_new_key(*a)) a->outcome_ = outcome{{}, {}};
    return act(append_action::kind::pass_previews, a);
  }
  if (const auto taken = find_taken_id(*a, log)) {
    refuse_id(a, *taken);
    return std::nullopt;
  }
  if (a->at_ == stage::store) {
    forget_ids();
    return act(append_action::kind::store, a);
  }
  auto action = act(append_action::kind::look_up_ids, a);
  for (const auto& draft : a->request->events)
    if (!draft.id.empty()) action.ids.push_back(draft.id);
  if (action.ids.empty()) {
    a->at_ = stage::store;
    return act(append_action::kind::store, a);
  }
  ++id_look_ups_;
  return action;
}

/// A new one of an append that stores nothing.
append_pipeline::step append_pipeline::keep_key(const append_ptr& a) {
  if (!has_new_key(*a) || a->outcome_->refusal.code != errc::none) return std::nullopt;
  auto action = act(append_action::kind::keep_key, a);
  action.events = a->outcome_->events;
  return action;
}

void append_pipeline::refuse_id(const append_ptr& a, std::size_t event) {
  refused(a, {errc::invalid, fmt::format("events[{}].id: \"{}\" is in this session already", event,
                                         a->request->events[event].id)});
}

append_pipeline::step append_pipeline::answer(const append_ptr& a, const append_log& log) {
  if (!a->outcome_) return std::nullopt;
  const auto& is = *a->outcome_;
  const bool again = is.refusal.code == errc::none;
  auto action = act(again ? append_action::kind::answer_again : append_action::kind::fail, a);
  action.events = is.events;
  action.compares = is.compares;
  action.why = is.compares ? other_body() : is.refusal;
  if (a->joined_) try_book::joiner_answered(*a->joined_, a->client, log.steady_now());
  done(a);
  return action;
}

}  // namespace sandbase
