// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE watch_filter
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/messages/all.hpp"
#include "http/stream/watch_filter.hpp"

using namespace sandbase;
using namespace std::chrono_literals;
using enum session_status;

namespace {

board_entry state(const std::string& id, session_status status, int created = 10,
                  const std::string& agent = "agent_a") {
  board_entry e;
  e.summary.id = id;
  e.summary.status = status;
  e.summary.agent_id = agent;
  e.summary.created_at = timestamp{std::chrono::seconds{created}};
  return e;
}
board_entry deleted(const std::string& id) {
  auto e = state(id, idle);
  e.is_deleted = true;
  return e;
}

session_query running_of_a() {
  session_query q;
  q.statuses = {running};
  q.agent_id = "agent_a";
  return q;
}

}  // namespace

CAF_TEST(what passes is told and once more when it does not any longer) {
  watch_filter f{running_of_a()};
  CAF_CHECK(!f.passes(state("a", idle)));
  CAF_CHECK(f.passes(state("a", running)));
  CAF_CHECK(f.passes(state("a", running)));
  CAF_CHECK(f.passes(state("a", idle)));
  CAF_CHECK(!f.passes(state("a", idle)));
  CAF_CHECK(f.passes(state("a", running)));
}

CAF_TEST(what the list has shown is known) {
  watch_filter f{running_of_a()};
  f.listed("a");
  CAF_CHECK(f.passes(state("a", idle)));
  CAF_CHECK(!f.passes(state("a", idle)));
}

CAF_TEST(without filters what is archived is told once more) {
  watch_filter f{{}};
  f.listed("a");
  auto archived = state("a", idle);
  archived.summary.archived_at = timestamp{20s};
  CAF_CHECK(f.passes(archived));
  CAF_CHECK(!f.passes(archived));
  CAF_CHECK(f.passes(state("b", terminated)));
}

CAF_TEST(of a session that the list left out the first state is told) {
  watch_filter f{running_of_a()};
  f.list_begins_behind(timestamp{100s});
  CAF_CHECK(f.passes(state("old", idle, 50)));
  CAF_CHECK(!f.passes(state("old", idle, 50)));
  CAF_CHECK(f.passes(state("old", running, 50)));
  CAF_CHECK(f.passes(state("old", idle, 50)));
  CAF_MESSAGE("one that is younger than the list's oldest would have been in it");
  CAF_CHECK(!f.passes(state("young", idle, 101)));
  CAF_MESSAGE("and one of another agent never passed");
  CAF_CHECK(!f.passes(state("other", idle, 50, "agent_b")));
}

CAF_TEST(a deletion is told of what was shown) {
  watch_filter f{running_of_a()};
  CAF_CHECK(f.passes(state("a", running)));
  CAF_CHECK(f.passes(deleted("a")));
  CAF_CHECK(!f.passes(deleted("a")));
  CAF_CHECK(!f.passes(deleted("b")));
  f.list_begins_behind(timestamp{100s});
  CAF_CHECK(f.passes(deleted("c")));
}
