// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE live_sessions
#include "config/client/live_sessions.hpp"

#include "config/terminal/printable.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

constexpr palette plain{false};
const timestamp now = *parse_timestamp("2026-06-01T10:00:00Z");

struct fixture {
  live_sessions sessions;

  void put(const std::string& id, const std::string& updated,
           const std::string& more = R"("status":"idle")") {
    const auto text = R"({"id":")" + id + R"(","updated_at":")" + updated + R"(",)" + more + "}";
    sessions.put(json::value{text});
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(live_sessions_tests, fixture)

CAF_TEST(the session that changed last stands on top) {
  put("sess_a", "2026-06-01T09:00:00Z");
  put("sess_b", "2026-06-01T09:30:00Z");
  put("sess_a", "2026-06-01T09:45:00Z",
      R"("status":"running","log":{"events":7},"pending":[{},{}],"title":"T")");
  const auto rows = sessions.sorted();
  CAF_REQUIRE_EQUAL(rows.size(), 2u);
  CAF_CHECK_EQUAL(rows[0].id, "sess_a");
  CAF_CHECK_EQUAL(rows[0].events, 7);
  CAF_CHECK_EQUAL(rows[0].waits, 2);
  CAF_CHECK_EQUAL(rows[0].title, "T");
  sessions.remove("sess_a");
  CAF_CHECK_EQUAL(sessions.size(), 1u);
}

CAF_TEST(lines fit the terminal) {
  for (int i = 0; i < 50; ++i)
    put("sess_" + std::to_string(i), "2026-06-01T09:00:00Z",
        R"("title":"日本語日本語日本語日本語日本語日本語日本語")");
  for (const terminal_size size :
       {terminal_size{80, 24}, terminal_size{20, 5}, terminal_size{1, 1}, terminal_size{200, 100}}) {
    const auto lines = render_live_sessions(sessions, size, now, "http://x", plain);
    CAF_CHECK(lines.size() <= size.rows);
    for (const auto& line : lines) CAF_CHECK(display_width(line) <= size.columns);
  }
}

CAF_TEST(what sessions say of themselves cannot harm the terminal) {
  put("sess_a", "2026-06-01T09:00:00Z",
      R"("status":"\u001b[2J","agent_id":"a\nb","title":"\u001b]0;x\u0007\u202e")");
  for (const auto& line : render_live_sessions(sessions, {200, 24}, now, "\x1b[2J", plain)) {
    CAF_CHECK(line.find('\x1b') == std::string::npos);
    CAF_CHECK(line.find('\n') == std::string::npos);
    CAF_CHECK(line.find("\u202e") == std::string::npos);
  }
}

CAF_TEST(an object without what is needed is no session) {
  sessions.put(json::value{R"({"status":"idle"})"});
  sessions.put(json::value{R"({"id":7})"});
  CAF_CHECK_EQUAL(sessions.size(), 0u);
}

CAF_TEST(ages are told in the largest unit) {
  CAF_CHECK_EQUAL(render_age(-5s), "0 s");
  CAF_CHECK_EQUAL(render_age(59s), "59 s");
  CAF_CHECK_EQUAL(render_age(60s), "1 min");
  CAF_CHECK_EQUAL(render_age(2h), "2 h");
  CAF_CHECK_EQUAL(render_age(100h), "4 d");
}

CAF_TEST_FIXTURE_SCOPE_END()
