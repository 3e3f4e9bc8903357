// List Events: the adapter between event_list and the session's actor.
#include "http/api/api.hpp"
#include "http/api/event_list.hpp"

namespace sandbase {

namespace {

void go_on(call& c, const std::shared_ptr<event_list>& list) {
  if (list->finished()) {
    auto body = list->take_body();
    if (auto room = c.hold_answer(body.bytes()); !room) return c.fail(room.error());
    return c.answer(std::move(body));
  }
  c.ask_current_session<pull_answer>(list->next_request(), [&c, list](const result<pull_answer>& answer) {
    if (!answer) return c.fail(answer.error());
    if (auto good = list->pulled(*answer); !good) return c.fail(good.error());
    go_on(c, list);
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
