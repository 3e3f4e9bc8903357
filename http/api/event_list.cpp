#include "http/api/event_list.hpp"

#include "events/json_text.hpp"

#include <algorithm>

namespace sandbase {

result<event_list_plan> event_list_plan::parse(const query& q) {
  event_list_plan plan;
  auto limit = q.number("limit", 1, 1000, 1000);
  if (!limit) return limit.error();
  plan.limit = *limit;
  auto filter = type_filter::parse(q);
  if (!filter) return filter.error();
  plan.filter = std::move(*filter);
  auto created = time_range::parse(q, "created_at");
  if (!created) return created.error();
  plan.created_at = *created;
  auto after = q.single("after");
  if (!after) return after.error();
  if (*after && !is_valid_id(**after)) return {errc::invalid, "after: not an event id"};
  plan.after = std::move(*after);
  auto token = q.single("page");
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
  return std::clamp<std::size_t>((plan_.limit - shown_) * 1024, 16 * 1024, 256 * 1024);
}

open_request event_list::first_request() const {
  open_request request;
  if (plan_.page) {
    request.after.push_back({"page", plan_.page->id});
  } else if (plan_.after) {
    request.after.push_back({"after", *plan_.after});
  }
  request.backwards = !plan_.ascending && !plan_.page;
  // Only an event's place is wanted before a descending list goes on.
  request.max_bytes = plan_.page && !plan_.ascending ? 1 : slice_bytes();
  return request;
}

result<void> event_list::opened(const pull_answer& answer) {
  low_ = answer.after;
  high_ = answer.end;
  if (plan_.page) {
    if (answer.after != plan_.page->seq) return {errc::invalid, "page: not a page of this session"};
    if (!plan_.ascending) {
      low_ = plan_.page->low;
      high_ = plan_.page->seq - 1;
      finished_ = left() == 0;
      return {};
    }
  }
  return walk(answer.slice);
}

result<void> event_list::pulled(const pull_answer& answer) { return walk(answer.slice); }

pull_request event_list::next_request() const { return {low_, high_, slice_bytes(), !plan_.ascending}; }

result<void> event_list::walk(const log_slice& slice) {
  if (left() == 0) {
    finished_ = true;
    return {};
  }
  const bool fits =
      !slice.empty() && (plan_.ascending ? slice.first_seq() == low_ + 1 && slice.last_seq() <= high_
                                         : slice.last_seq() == high_ && slice.first_seq() > low_);
  if (!fits) return {errc::corrupt, "a slice does not go on where the one before stopped"};
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
  if (plan_.ascending) {
    finished_ = !std::all_of(slice.spans.begin(), slice.spans.end(), visit_span);
  } else {
    finished_ = !std::all_of(slice.spans.rbegin(), slice.spans.rend(), visit_span);
  }
  finished_ = finished_ || left() == 0;
  return {};
}

bool event_list::visit(const log_block_ptr& block, seq_t seq) {
  const auto time = block->mark(seq).time;
  // Times never decrease along a log, so beyond the range nothing matches again.
  nothing_left_ = plan_.ascending ? plan_.created_at.too_late(time) : plan_.created_at.too_early(time);
  if (nothing_left_) return false;
  if (plan_.created_at.contains(time) && plan_.filter.passes(*block, seq)) {
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
  return shown_ < plan_.limit && seen_ < limits_.events && seen_bytes_ < limits_.bytes;
}

outbox event_list::take_body() {
  events_.add(R"(],"next_page":)");
  if (nothing_left_ || left() == 0) {
    events_.add("null}");
  } else {
    const event_page next{plan_.ascending, seq_, plan_.ascending ? 0 : low_, id_};
    events_.add(json::quoted(next.encode()) + "}");
  }
  return std::move(events_);
}

}  // namespace sandbase
