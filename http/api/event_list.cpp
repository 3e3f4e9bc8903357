// SPDX-License-Identifier: Apache-2.0
#include "http/api/event_list.hpp"

#include "events/json/json_text.hpp"
#include "http/wire/type_filter.hpp"

#include <algorithm>

namespace sandbase {

result<event_list_plan> event_list_plan::parse(const query& q) {
  event_list_plan plan;
  auto limit = q.number("limit", 1, 1000, 1000);
  if (!limit) return limit.error();
  plan.limit = *limit;
  auto filter = type_filter::parse(q);
  if (!filter) return filter.error();
  auto created = q.times("created_at");
  if (!created) return created.error();
  plan.what = std::make_shared<event_selection>(q.list("types"), *created);
  auto after = q.filled("after");
  if (!after) return after.error();
  if (*after && **after != "start") {
    if (!is_valid_id(**after)) return {errc::invalid, "after: neither an event id nor `start`"};
    plan.after = std::move(*after);
  }
  auto token = q.filled("page");
  if (!token) return token.error();
  if (*token) {
    plan.page = event_page::decode(**token);
    if (!plan.page) return {errc::invalid, "page: not a page of this list"};
  }
  auto ascending = q.ascending(!plan.page || plan.page->ascending);
  if (!ascending) return ascending.error();
  plan.ascending = *ascending;
  if (plan.page && plan.page->ascending != plan.ascending)
    return {errc::invalid, "order: differs from the order that `page` belongs to"};
  return plan;
}

event_list::event_list(event_list_plan plan, walk_limits limits) : plan_(std::move(plan)), limits_(limits) {
  events_.add(R"({"data":[)");
}

std::size_t event_list::slice_bytes() const {
  constexpr std::size_t few = 16 * 1024;
  if (!dense_) return few;
  return std::clamp<std::size_t>((plan_.limit - shown_) * 1024, few, 256 * 1024);
}

open_request event_list::first_request() const {
  open_request request;
  if (plan_.page) {
    request.after.push_back({"page", plan_.page->id});
  } else if (plan_.after) {
    request.after.push_back({"after", *plan_.after});
  }
  request.backwards = !plan_.ascending;
  request.place_only = filters() || (plan_.page && !plan_.ascending);
  request.max_bytes = slice_bytes();
  return request;
}

result<void> event_list::opened(const pull_answer& answer) {
  log_ = answer.log;
  low_ = answer.after;
  high_ = answer.end;
  if (plan_.page) {
    if (answer.after != plan_.page->seq) return {errc::invalid, "page: not a page of this session"};
    if (!plan_.ascending) {
      low_ = plan_.page->low;
      high_ = plan_.page->seq - 1;
    }
  }
  dense_ = !filters();
  searching_ = !dense_;
  finished_ = left() == 0;
  return finished_ || first_request().place_only ? result<void>{} : walk(answer.slice);
}

result<void> event_list::pulled(const pull_answer& answer) { return walk(answer.slice); }

result<void> event_list::searched(const search_result& found) {
  const bool ahead = plan_.ascending ? found.reached > low_ : found.reached < high_;
  const bool inside = found.reached >= low_ && found.reached <= high_;
  if (!inside || !(ahead || found.found || found.through) ||
      (found.found && found.reached == (plan_.ascending ? high_ : low_)))
    return {errc::corrupt, "a search does not go on where the one before stopped"};
  seen_ += left();
  (plan_.ascending ? low_ : high_) = found.reached;
  seen_ -= left();
  searching_ = !found.found;
  nothing_left_ = found.through;
  finished_ = nothing_left_ || left() == 0 || has_enough();
  return {};
}

std::variant<pull_request, search_request> event_list::next_request() const {
  if (searching_) return search_request{{low_, high_, !plan_.ascending}, plan_.what, log_};
  return pull_request{low_, high_, slice_bytes(), !plan_.ascending, log_};
}

result<void> event_list::walk(const log_slice& slice) {
  const bool fits =
      !slice.empty() && (plan_.ascending ? slice.first_seq() == low_ + 1 && slice.last_seq() <= high_
                                         : slice.last_seq() == high_ && slice.first_seq() > low_);
  if (!fits) return {errc::corrupt, "a slice does not go on where the one before stopped"};
  const auto shown_before = shown_;
  const auto seen_before = seen_;
  const auto visit_span = [&](const block_span& span) {
    if (plan_.ascending) {
      for (auto seq = span.first; seq <= span.last; ++seq)
        if (!visit(span.block, seq)) return false;
    } else {
      for (auto seq = span.last; seq >= span.first; --seq)
        if (!visit(span.block, seq)) return false;
    }
    return true;
  };
  const bool all = plan_.ascending ? std::all_of(slice.spans.begin(), slice.spans.end(), visit_span)
                                   : std::all_of(slice.spans.rbegin(), slice.spans.rend(), visit_span);
  finished_ = !all || left() == 0;
  dense_ = !filters() || (shown_ - shown_before) * 4 >= seen_ - seen_before;
  searching_ = !dense_;
  return {};
}

/// The pagers of most SDKs take an empty page for the end, so the bounds wait for the first match.
bool event_list::has_enough() const {
  return shown_ > 0 && (seen_ >= limits_.events || seen_bytes_ >= limits_.bytes);
}

bool event_list::visit(const log_block_ptr& block, seq_t seq) {
  const auto time = block->mark(seq).time;
  const auto& times = plan_.what->times();
  // Times never decrease along a log, so beyond the range nothing matches again.
  nothing_left_ = plan_.ascending ? times.surely_too_late(time) : times.surely_too_early(time);
  if (nothing_left_) return false;
  if (plan_.what->passes(*block, seq)) {
    const auto json = block->json(seq);
    if (shown_ > 0 && events_.bytes() + json.size() > limits_.answer_bytes) return false;
    if (shown_ > 0) events_.add(",");
    events_.add(json, block);
    ++shown_;
  }
  seq_ = seq;
  id_ = block->id(seq);
  (plan_.ascending ? low_ : high_) = plan_.ascending ? seq : seq - 1;
  ++seen_;
  seen_bytes_ += block->frame(seq).size();
  return shown_ < plan_.limit && !has_enough();
}

outbox event_list::take_body() {
  events_.add(R"(],"next_page":)");
  if (nothing_left_ || left() == 0) {
    events_.add("null}");
  } else {
    // What was only searched is searched again: the token names an event that was read.
    const event_page next{plan_.ascending, seq_, plan_.ascending ? 0 : low_, id_};
    events_.add(json::quoted(next.encode()) + "}");
  }
  return std::move(events_);
}

}  // namespace sandbase
