// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_summary
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "events/session/session_summary.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

session_header header() {
  session_header h;
  auto& d = h.definition.edit();
  d.id = "sess_1";
  d.title = "a \"title\"";
  d.agent_id = "agent_a";
  d.agent_version = 3;
  d.created_at = timestamp{1s};
  d.resources = R"([{"type":"memory_store","memory_store_id":"m_1"},{"type":"file","file_id":"f_1"},7,)"
                R"({"type":"memory_store","memory_store_id":"m_2","authorization_token":"secret"}])";
  h.progress.status = session_status::running;
  h.progress.tip.updated_at = timestamp{2s};
  h.progress.pending = {{"sevt_1", event_type::agent_tool_use, true, "bash"}};
  return h;
}

}  // namespace

CAF_TEST(a summary is exactly this) {
  CAF_CHECK_EQUAL(
      render_summary(summarize(header())),
      R"({"type":"session.summary","session":{"id":"sess_1","status":"running","title":"a \"title\"",)"
      R"("agent_id":"agent_a","created_at":"1970-01-01T00:00:01.000Z","updated_at":"1970-01-01T00:00:02.000Z",)"
      R"("archived_at":null,"pending":[{"id":"sevt_1","type":"agent.tool_use","name":"bash"}],)"
      R"("log":{"events":0,"last_event_id":null,"head":"sha256:)" +
          std::string(64, '0') + R"("}}})");
}

CAF_TEST(what may be missing is null and what may be long is cut) {
  auto h = header();
  h.definition.edit().title.reset();
  h.definition.edit().archived_at = timestamp{3s};
  h.progress.tip.last_seq = 7;
  h.progress.tip.last_id = "sevt_7";
  h.progress.pending.assign(max_pending_shown + 5, h.progress.pending.front());
  const auto s = summarize(h);
  CAF_CHECK_EQUAL(s.pending.size(), max_pending_shown);
  const auto text = render_summary(s);
  CAF_CHECK(text.find(R"("title":null)") != text.npos);
  CAF_CHECK(text.find(R"("archived_at":"1970-01-01T00:00:03.000Z")") != text.npos);
  CAF_CHECK(text.find(R"("events":7,"last_event_id":"sevt_7")") != text.npos);
  CAF_CHECK(text.find("secret") == text.npos);
}

CAF_TEST(the memory stores of a session are known) {
  CAF_CHECK(summarize(header()).memory_stores == (std::vector<std::string>{"m_1", "m_2"}));
  CAF_CHECK(summarize(session_header{}).memory_stores.empty());
}

CAF_TEST(a deletion is exactly this) {
  CAF_CHECK_EQUAL(render_deletion("sess_1"), R"({"type":"session.deleted","id":"sess_1"})");
}
