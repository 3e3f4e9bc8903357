// SPDX-License-Identifier: Apache-2.0
// What the pipeline makes of appends that may be repetitions: retries of SDKs, and answers to tool uses that
// were given before.
#include "actors/session/append_pipeline.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

/// What counts as not taken where nobody knows: what was appended so long before the log's end.
constexpr std::chrono::seconds unknown_before_end{2};

}  // namespace

/// Behind `known`. Neighbours of one key are put together.
void append_pipeline::find_unknown_appends(const session_progress& progress, seq_t known) {
  timestamp end{};
  for (const auto& run : progress.recent_appends) end = std::max(end, run.at);
  for (auto run : progress.recent_appends) {
    if (end - run.at > unknown_before_end || run.last <= known) continue;
    run.first = std::max(run.first, known + 1);
    auto& all = unknown_;
    if (!all.empty() && all.back().author == run.author && all.back().last + 1 == run.first) {
      all.back().last = run.last;
      all.back().at = run.at;
    } else {
      all.push_back(run);
    }
  }
}

void append_pipeline::wake() {
  receipts_awaited_ = false;
  for (const auto& a : std::exchange(undecided_, {})) go_on(a, stage::retry);
}

void append_pipeline::looked(const append_action& asked, const std::vector<receipt::state>& states) {
  if (!is_awaited(asked)) return;
  const auto& a = asked.append;
  for (std::size_t i = 0; i < states.size(); ++i)
    if (asked.receipts[i] == a->client)
      a->client_told_ = states[i];
    else
      a->told_.emplace_back(asked.receipts[i], states[i]);
  go_on(a, stage::retry);
}

void append_pipeline::compared(const append_action& asked, seq_t first, const append_log& log) {
  if (!is_awaited(asked)) return;
  if (first == 0) return go_on(asked.append, stage::ids);
  adopt(asked.append, first, log);
  go_on(asked.append, stage::retry);
}

append_pipeline::step append_pipeline::pass_retry(const append_ptr& a, const append_log& log) {
  if (a->try_) return pass_ids(a, log);
  if (!a->is_retry) return pass_if_waited_for(a, log);
  if (a->joined_ && a->joined_->is_forgotten) a->joined_ = nullptr;
  const auto told = std::exchange(a->told_, {});
  if (!a->joined_) {
    auto found = tries_.find(a->author, a->print, log.steady_now(), told);
    switch (found.what) {
      case try_book::finding::kind::none:
        return pass_if_waited_for(a, log);
      case try_book::finding::kind::look: {
        auto action = act(append_action::kind::look_at_receipts, a);
        action.receipts = std::move(found.look);
        return action;
      }
      case try_book::finding::kind::wait:
        receipts_awaited_ |= found.soon;
        undecided_.push_back(a);
        return std::nullopt;
      case try_book::finding::kind::match:
        a->joined_ = std::move(found.match);
        try_book::join(*a->joined_, a->client);
        break;
    }
  }
  if (!a->joined_->is_answered) {
    undecided_.push_back(a);
    return std::nullopt;
  }
  a->outcome_ = outcome{{}, range_of(a->joined_->first, a->joined_->last)};
  return answer(a, log);
}

/// A client that has given up, by its connection or its server, has perhaps sent the same again, which came
/// first: its own may be late, as on a link.
append_pipeline::step append_pipeline::pass_if_waited_for(const append_ptr& a, const append_log& log) {
  if (a->client && tries_.has_one_ahead(a->author, a->print, log.steady_now())) {
    if (!a->client_told_) {
      auto action = act(append_action::kind::look_at_receipts, a);
      action.receipts.push_back(a->client);
      return action;
    }
    if (*a->client_told_ == receipt::state::lost) return drop(a, log);
  }
  return a->is_retry ? find_unknown(a, log) : pass_ids(a, log);
}

/// Among what may have been answered before anybody here remembers.
append_pipeline::step append_pipeline::find_unknown(const append_ptr& a, const append_log& log) {
  if (a->request->events.empty()) return pass_ids(a, log);  // previews alone leave no trace
  std::erase_if(unknown_, [&](const append_run& run) { return log.now() - run.at > try_book::lifetime; });
  auto action = act(append_action::kind::compare_sealed, a);
  bool all_held = true;
  for (auto run = unknown_.rbegin(); run != unknown_.rend(); ++run) {
    if (run->author != a->author) continue;
    const auto place = log.locate(a->request->events, run->first, run->last);
    if (place.how == append_log::likeness::equal && adopt(a, place.first, log)) return pass_retry(a, log);
    all_held = all_held && place.how != append_log::likeness::not_held;
    action.runs.push_back(*run);
  }
  a->at_ = stage::ids;
  if (all_held) return pass_ids(a, log);
  a->at_ = stage::retry;
  return action;
}

/// From now on it is a try like others. @returns whether these events are not another one's
bool append_pipeline::adopt(const append_ptr& a, seq_t first, const append_log& log) {
  const auto last = first + a->request->events.size() - 1;
  const auto run = std::ranges::find_if(unknown_, [&](const append_run& r) {
    return r.author == a->author && r.first <= first && last <= r.last;
  });
  if (run == unknown_.end()) return false;
  auto behind = *run;
  behind.first = last + 1;
  run->last = first - 1;
  const auto next = run + 1;
  if (behind.first <= behind.last) unknown_.insert(next, behind);
  std::erase_if(unknown_, [](const append_run& r) { return r.first > r.last; });
  a->joined_ = tries_.remember(a->author, a->print, a->client, log.steady_now());
  a->joined_->first = first;
  a->joined_->last = last;
  a->joined_->is_answered = true;
  return true;
}

/// Answers to tool uses that were given before: a request of nothing else stores nothing. @returns whether it
/// has any
bool append_pipeline::settle_repeats(const append_ptr& a, const append_log& log) {
  const auto& request = *a->request;
  const auto& drafts = request.events;
  const auto& end = log.pending().tip;
  if (request.has_expected_last_id && request.expected_last_id != end.last_id) return false;
  std::vector<event_range> given;
  std::size_t count = 0;
  std::size_t index = 0;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const auto seq = log.pending().find_answer(drafts[i].facts);
    if (seq == 0) continue;
    if (count++ == 0) index = i;
    if (!given.empty() && given.back().last + 1 == seq)
      given.back().last = seq;
    else
      given.push_back({seq, seq});
  }
  if (given.empty()) return false;
  if (count < drafts.size()) {
    refuse(a, {{errc::invalid, fmt::format("events[{}].{}: this answer was given before, by", index,
                                           answered_member(drafts[index].type))},
               {given.front()}});
    return true;
  }
  // Where it names the log's end, that has to become durable too.
  const auto last =
      request.has_expected_last_id ? end.last_seq : std::ranges::max(given, {}, &event_range::last).last;
  a->outcome_ = outcome{{}, std::move(given)};
  if (has_new_key(*a))
    a->at_ = stage::waiting;  // for the commit of the key
  else if (last <= log.durable_end())
    go_on(a, stage::waiting);
  else
    wait_for_commit(a, last);
  return true;
}

/// Of the event `last`, which is in flight.
void append_pipeline::wait_for_commit(const append_ptr& a, seq_t last) {
  a->at_ = stage::waiting;
  std::ranges::find_if(commits_, [&](const commit& c) { return c.last >= last; })->waiters.push_back(a);
}

}  // namespace sandbase
