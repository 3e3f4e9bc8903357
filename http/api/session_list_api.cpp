// SPDX-License-Identifier: Apache-2.0
// List Sessions: the adapter between session_list and a reader's actor.
#include "http/api/api.hpp"
#include "http/api/session_list.hpp"

namespace sandbase {

void list_sessions_call(call& c) {
  const auto& secret = c.shared().options.token_secret;
  const auto& key = *c.current().key;
  auto plan = session_list_plan::parse(c.current().parameters, key.workspace, secret);
  if (!plan) return c.fail(plan.error());
  list_sessions ask;
  ask.query = plan->query;
  ask.now = c.shared().now();
  ask.shows = secrets_for(key.may);
  c.ask_reader<session_list>(
      c.shared().actors.lister, ask, [&c, plan = *plan](const result<session_list>& found) {
        if (!found) return c.fail(found.error());
        answer_list(c, render_session_list(plan, *found, c.shared().options.token_secret));
      });
}

}  // namespace sandbase
