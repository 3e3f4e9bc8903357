// SPDX-License-Identifier: Apache-2.0
// List Events: the adapter between event_list and the session's actor.
#include "http/api/api.hpp"
#include "http/api/event_list.hpp"

namespace sandbase {

namespace {

void go_on(call& c, const std::shared_ptr<event_list>& list) {
  if (list->finished()) {
    return answer_list(c, list->take_body());
  }
  const auto next = list->next_request();
  const auto take = [&c, list](const auto& answer, const auto& taking) {
    if (!answer) return c.fail(answer.error());
    if (auto good = taking(*answer); !good) return c.fail(good.error());
    go_on(c, list);
  };
  if (const auto* pull = std::get_if<pull_request>(&next))
    return c.ask_current_session<pull_answer>(*pull, [list, take](const result<pull_answer>& answer) {
      take(answer, [&](const pull_answer& slice) { return list->pulled(slice); });
    });
  c.ask_current_session<search_answer>(
      std::get<search_request>(next), [list, take](const result<search_answer>& answer) {
        take(answer, [&](const search_answer& found) { return list->searched(found.result); });
      });
}

}  // namespace

void list_events_call(call& c) {
  auto plan = event_list_plan::parse(c.current().parameters);
  if (!plan) return c.fail(plan.error());
  const bool from_page = plan->page.has_value();
  const auto list = std::make_shared<event_list>(std::move(*plan));
  c.ask_current_session<pull_answer>(
      list->first_request(), [&c, list, from_page](const result<pull_answer>& answer) {
        if (!answer && from_page && answer.error().code == errc::invalid)
          return c.fail(failure{errc::invalid, "page: not a page of this session"});
        if (!answer) return c.fail(answer.error());
        if (auto good = list->opened(*answer); !good) return c.fail(good.error());
        go_on(c, list);
      });
}

}  // namespace sandbase
