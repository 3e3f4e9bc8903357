// SPDX-License-Identifier: Apache-2.0
// What the appends of a session need to know: from a reader, from connections, from the end of the log in
// memory.
#include "actors/session/receipt_look.hpp"
#include "actors/session/session.hpp"

#include <algorithm>

namespace sandbase {

namespace {

/// An earlier answer holds at most one request's events.
constexpr std::size_t whole_answer_bytes = 256 * 1024 * 1024;
/// Of sealed events that a retry is compared with, and places among them.
constexpr std::size_t compared_bytes = 4 * 1024 * 1024;
constexpr seq_t compared_places = 1000;

/// Whether these events are what the drafts would be stored as, as far as they still show their payload.
bool are_stored_of(const std::vector<event_draft>& drafts, const log_slice& events) {
  auto draft = drafts.begin();
  for (const auto& [block, first, last] : events.spans)
    for (auto seq = first; seq <= last; ++seq, ++draft) {
      if (draft == drafts.end()) return false;
      if (!block->proof(seq).is_leaf() ? !renders_to(*draft, block->json(seq))
                                       : block->type_name(seq) != draft->type_name)
        return false;
    }
  return draft == drafts.end();
}

}  // namespace

// --- looking up ------------------------------------------------------------------------------

void session::look_up_key(const append_action& action) {
  ask_reader<found_idempotency>(
      find_idempotency{workspace_, key_, action.append->idempotency_key},
      [this, action](const found_idempotency& found) {
        const bool counts = found.found && env_->clock->now() - found.record.created_at < idempotency_ttl;
        pipeline_.key_looked_up(action, counts ? std::optional{found.record} : std::nullopt);
        drive();
      },
      [this, action](const failure& why) { look_up_failed(action, why); });
}

void session::look_up_ids(const append_action& action) {
  ask_reader<found_event>(
      find_event{key_, action.ids},
      [this, action](const found_event& found) {
        pipeline_.ids_looked_up(action, found.seqs);
        drive();
      },
      [this, action](const failure& why) { look_up_failed(action, why); });
}

void session::look_up_failed(const append_action& action, const failure& why) {
  pipeline_.look_up_failed(action, why);
  drive();
}

void session::look_at_receipts(const append_action& action) {
  look_at(this, action.receipts, [this, action](const std::vector<receipt::state>& states) {
    pipeline_.looked(action, states);
    drive();
    retire_if_done();
  });
}

void session::compare_sealed(const append_action& action) {
  seq_t first = action.runs.front().first;
  seq_t last = 0;
  for (const auto& run : action.runs) {
    first = std::min(first, run.first);
    last = std::max(last, run.last);
  }
  ask_reader<pull_answer>(
      read_request{key_, {first - 1, last, compared_bytes, true}, last},
      [this, action](const pull_answer& got) {
        located found;
        for (const auto& run : action.runs)
          if (found.how != likeness::equal)
            found = locate(action.append->request->events, run.first, run.last, got.slice);
        pipeline_.compared(action, found.how == likeness::equal ? found.first : 0, *this);
        drive();
      },
      [this, action](const failure& why) { look_up_failed(action, why); });
}

/// What it repeats may have been stored by another process and not be known here, and it may be gone: deleted
/// by another process, or lost in a failover.
void session::answer_again(const append_action& action) {
  when_current(
      [this, action] {
        const auto& promise = promise_of(action.append);
        if (gone_) return promise.fail(why_gone_);
        const auto is_known = [this](const event_range& r) { return r.last <= durable_tip_.last_seq; };
        if (env_->ends && !std::ranges::all_of(action.events, is_known)) return promise.fail(others_write());
        show_again(action);
      },
      [promise = promise_of(action.append)](const failure& why) { promise.fail(why); });
}

void session::show_again(const append_action& action) {
  const auto& promise = promise_of(action.append);
  const auto answer = [promise, action](log_slice all) {
    if (action.compares && !are_stored_of(action.append->request->events, all))
      return promise.fail(action.why);
    promise.deliver(append_answer{std::move(all), true});
  };
  gather(std::make_shared<gathering>(
      gathering{action.events, 0, {}, answer, [promise](const failure& why) { promise.fail(why); }}));
}

void session::fail(const append_action& action) {
  const auto& promise = promise_of(action.append);
  if (action.events.empty()) return promise.fail(action.why);
  gather(std::make_shared<gathering>(gathering{action.events,
                                               0,
                                               {},
                                               [promise, why = action.why](const log_slice& named) mutable {
                                                 why.message += ' ';
                                                 why.message +=
                                                     named.spans.front().block->id(named.first_seq());
                                                 promise.fail(why);
                                               },
                                               [promise](const failure& why) { promise.fail(why); }}));
}

/// Goes on with the next range: from the tail, or from a reader as far as it is older.
void session::gather(const std::shared_ptr<gathering>& g) {
  const auto add = [g](log_slice part) {
    for (auto& span : part.spans) g->all.spans.push_back(std::move(span));
  };
  for (; g->next < g->ranges.size(); ++g->next) {
    const auto [first, last] = g->ranges[g->next];
    if (first < tail_.first_seq()) break;
    add(tail_.slice(first - 1, last, whole_answer_bytes));
  }
  if (g->next == g->ranges.size()) return g->done(std::move(g->all));
  const auto [first, last] = g->ranges[g->next];
  ask_reader<pull_answer>(
      read_request{key_, {first - 1, last, whole_answer_bytes, false}, last},
      [this, g, add, last = last](const pull_answer& answer) {
        const auto checked = [this, g](const std::function<void()>& then) {
          // Where a failover has lost them, others may stand at their places.
          when_current([this, g, then] { gone_ ? g->failed(why_gone_) : then(); }, g->failed);
        };
        if (answer.slice.empty())
          return checked([g] { g->failed({errc::corrupt, "events of an earlier answer are missing"}); });
        // The events may stand half in segments and half in the tail.
        const auto got = answer.slice.last_seq();
        add(answer.slice);
        if (got < last && tail_.holds(got + 1)) add(tail_.slice(got, last, whole_answer_bytes));
        ++g->next;
        checked([this, g] { gather(g); });
      },
      [g](const failure& why) { g->failed(why); });
}

// --- what the pipeline asks ------------------------------------------------------------------

/// The block that shows `seq`, durable or in flight; null if it is not in memory.
const log_block* session::find_block(seq_t seq) const {
  if (tail_.holds(seq)) return &tail_.block_of(seq);
  for (const auto& f : in_flight_)
    for (const auto& block : f.blocks)
      if (seq >= block->first_seq() && seq <= block->last_seq()) return block.get();
  return nullptr;
}

bool session::shows_id(std::string_view id) const {
  const auto place = told_place(id);
  const auto* block = place ? find_block(*place) : nullptr;
  return (block && block->id(*place) == id) || tail_.find(id) != 0;
}

/// In memory, or else in `sealed`.
session::located session::locate(const std::vector<event_draft>& drafts, seq_t first, seq_t last,
                                 const log_slice& sealed) const {
  const auto block_of = [&](seq_t seq) {
    const auto* block = find_block(seq);
    for (const auto& span : sealed.spans)
      if (!block && seq >= span.first && seq <= span.last) block = span.block.get();
    return block;
  };
  bool all_held = true;
  const auto equals = [&](seq_t from) {
    for (const auto& draft : drafts) {
      const auto* block = block_of(from);
      all_held = all_held && block;
      if (!block || !renders_to(draft, block->json(from++))) return false;
    }
    return true;
  };
  const auto places = last + 1 < first + drafts.size() ? 0 : last + 2 - first - drafts.size();
  for (seq_t n = 0; n < std::min(places, compared_places); ++n) {
    const auto from = last + 1 - drafts.size() - n;
    if (equals(from)) return {likeness::equal, from};
  }
  return {all_held ? likeness::other : likeness::not_held, 0};
}

}  // namespace sandbase
