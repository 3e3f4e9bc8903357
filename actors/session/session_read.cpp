// SPDX-License-Identifier: Apache-2.0
// The read path of the session actor: slices from the tail, or from a reader for what is older.
#include "actors/session/session.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

caf::result<pull_answer> session::open(const open_request& r) {
  sure_promise<pull_answer> promise{this};
  // At once, so that one open_request is one follower whatever becomes of
  // it: an unfollow may stand behind it already.
  if (r.follower) {
    followers_.add(r.follower);
    tell_sizes();
    keep_watch();
  }
  when_open([this, r, promise] {
    when_current([this, r, promise] { resolve(r, promise); },
                 [promise](const failure& why) { promise.fail(why); });
  });
  return promise;
}

/// What a reader has seen the beginning of may be deleted, and another log have its id: a cursor means
/// nothing in that.
std::optional<failure> session::why_not(session_key log) const {
  if (gone_) return why_gone_;
  if (log == 0 || log == key_) return std::nullopt;
  return failure{errc::not_found, "the session was deleted before all of it was read"};
}

void session::resolve(const open_request& r, sure_promise<pull_answer> promise) {
  if (const auto why = why_not(r.log)) return promise.fail(*why);
  // The end is fixed here: what is appended while ids are looked up does not belong to this replay.
  const auto end = durable_tip_.last_seq;
  if (r.after.empty()) return start_reading(r, r.from_end ? end - std::min(end, r.tail) : 0, end, promise);
  seq_t furthest = 0;
  std::vector<named_id> unknown;
  find_event look{key_, {}};
  for (const auto& [field, id] : r.after) {
    if (const auto seq = tail_.find(id))
      furthest = std::max(furthest, seq);
    else
      unknown.push_back({field, id}), look.ids.push_back(id);
  }
  if (unknown.empty()) return start_reading(r, furthest, end, promise);
  ask_reader<found_event>(
      std::move(look),
      [this, r, end, promise, known = furthest, unknown](const found_event& found) {
        auto furthest = known;
        const named_id* missing = nullptr;
        for (std::size_t i = 0; i < unknown.size() && !missing; ++i) {
          if (found.seqs.at(i) == 0 || found.seqs[i] > durable_tip_.last_seq) missing = &unknown[i];
          furthest = std::max(furthest, found.seqs[i]);
        }
        if (!missing) return start_reading(r, furthest, end, promise);
        // It may be missing because the session is: whether it is deleted is known behind the outcome.
        if (gone_) return promise.fail(why_gone_);
        if (claiming_)
          return deferred_.push_back({[this, r, promise] { resolve(r, promise); },
                                      [promise](const failure& why) { promise.fail(why); }, steady_now()});
        const failure why{errc::invalid,
                          fmt::format("{}: this session has no event \"{}\"", missing->field, missing->id)};
        // Or another process has deleted it, or a failover has lost that the event was sealed, which a look
        // at the end tells.
        when_current([this, promise, why] { promise.fail(gone_ ? why_gone_ : why); },
                     [promise](const failure& not_looked) { promise.fail(not_looked); });
      },
      [promise](const failure& why) { promise.fail(why); });
}

void session::start_reading(const open_request& r, seq_t after, seq_t end,
                            sure_promise<pull_answer> promise) {
  // While ids were looked up the session may have been deleted.
  if (gone_) return promise.fail(why_gone_);
  const pull_request first{std::min(after, end), r.place_only ? std::min(after, end) : end, r.max_bytes,
                           r.backwards};
  if (!r.tell_cursor || first.after == 0) return answer(first, end, promise);
  if (tail_.holds(first.after)) {
    const auto slice = tail_.slice(first.after - 1, first.after, 0);
    return answer(first, end, promise, slice.spans.front());
  }
  ask_reader<pull_answer>(
      read_request{key_, {first.after - 1, first.after, 0, false}, end},
      [this, first, end, promise](const pull_answer& got) {
        if (got.slice.empty()) return promise.fail(errc::corrupt, "the event at the cursor is missing");
        answer(first, end, promise, got.slice.spans.front());
      },
      [promise](const failure& why) { promise.fail(why); });
}

caf::result<pull_answer> session::pull(const pull_request& r) {
  sure_promise<pull_answer> promise{this};
  const auto show = [this, r, promise] {
    if (const auto why = why_not(r.log)) return promise.fail(*why);
    auto bounded = r;
    bounded.up_to = std::min(r.up_to, durable_tip_.last_seq);
    answer(bounded, bounded.up_to, promise);
  };
  when_shown(show, [promise](const failure& why) { promise.fail(why); });
  return promise;
}

caf::result<search_answer> session::search(const search_request& r) {
  sure_promise<search_answer> promise{this};
  const auto show = [this, r, promise] {
    if (const auto why = why_not(r.log)) return promise.fail(*why);
    look_for(r, promise);
  };
  when_shown(show, [promise](const failure& why) { promise.fail(why); });
  return promise;
}

void session::look_for(const search_request& r, sure_promise<search_answer> promise) {
  auto range = r.range;
  range.up_to = std::min(range.up_to, durable_tip_.last_seq);
  const auto first_held = tail_.first_seq();
  if (range.backwards ? range.up_to >= first_held : range.after + 1 >= first_held)
    return promise.deliver({tail_.search(range, *r.what)});
  range.up_to = std::min(range.up_to, first_held - 1);
  promise.delegate(env_->reader_of(key_), search_segments{key_, {range, r.what}});
}

void session::answer(const pull_request& r, seq_t end, sure_promise<pull_answer> promise,
                     std::optional<block_span> at_cursor) {
  if (gone_) return promise.fail(why_gone_);
  pull_answer out;
  out.after = r.after;
  out.log = key_;
  out.end = end;
  // A log that has grown behind `end` since was open there, whatever it is now.
  out.state = end == durable_tip_.last_seq ? durable_state() : log_state::open;
  out.at_cursor = std::move(at_cursor);
  const auto first_held = tail_.first_seq();
  const bool held = r.backwards ? r.up_to >= first_held && tail_.holds(r.up_to) : r.after + 1 >= first_held;
  if (r.after >= r.up_to || held) {
    if (r.after < r.up_to)
      out.slice = r.backwards ? tail_.slice_back(r.after, r.up_to, r.max_bytes)
                              : tail_.slice(r.after, r.up_to, r.max_bytes);
    const auto reached = out.slice.empty() ? r.after : out.slice.last_seq();
    out.live = !r.backwards && reached == durable_tip_.last_seq;
    return promise.deliver(std::move(out));
  }
  auto cold = r;
  cold.up_to = std::min(r.up_to, first_held - 1);
  const read_request to_reader{key_, cold, end};
  const auto room = tail_.cached_bytes() + r.max_bytes <= env_->cache_per_session &&
                    env_->cache->used() < env_->cache->limit();
  if (!room && !out.at_cursor) return promise.delegate(env_->reader_of(key_), to_reader);
  ask_reader<pull_answer>(
      to_reader,
      [this, promise, out = std::move(out), known = erasures_](const pull_answer& got) mutable {
        // It may have been read before an event of it was erased.
        if (!gone_ && known == erasures_ && tail_.prepend(got.slice)) keep_cache_share();
        out.slice = got.slice;
        promise.deliver(std::move(out));
      },
      [promise](const failure& why) { promise.fail(why); });
}

void session::keep_cache_share() {
  const auto shared = static_cast<std::int64_t>(std::min(tail_.cached_bytes(), env_->cache_per_session));
  if (shared > cache_.bytes()) {
    if (env_->cache->try_take(shared - cache_.bytes())) cache_.grow(*env_->cache, shared - cache_.bytes());
  }
  tail_.trim(std::max(static_cast<std::size_t>(cache_.bytes()), sealed_block_bytes));
}

}  // namespace sandbase
