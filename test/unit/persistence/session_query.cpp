// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_query
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "persistence/session_query.hpp"

#include <functional>

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

session_summary summary() {
  session_summary s;
  s.id = "sess_1";
  s.status = session_status::running;
  s.agent_id = "agent_a";
  s.agent_version = 2;
  s.deployment_id = "dep_1";
  s.memory_stores = {"m_1", "m_2"};
  s.created_at = timestamp{10s};
  return s;
}

bool shown(const std::function<void(session_query&)>& ask, const session_summary& s = summary()) {
  session_query q;
  ask(q);
  return shows(q, s);
}

}  // namespace

CAF_TEST(everything is shown but what is archived) {
  CAF_CHECK(shown([](session_query&) {}));
  auto archived = summary();
  archived.archived_at = timestamp{20s};
  CAF_CHECK(!shown([](session_query&) {}, archived));
  CAF_CHECK(shown([](session_query& q) { q.include_archived = true; }, archived));
}

CAF_TEST(each filter narrows) {
  using enum session_status;
  CAF_CHECK(shown([](session_query& q) { q.statuses = {idle, running}; }));
  CAF_CHECK(!shown([](session_query& q) { q.statuses = {idle, terminated}; }));
  CAF_CHECK(shown([](session_query& q) { q.agent_id = "agent_a"; }));
  CAF_CHECK(!shown([](session_query& q) { q.agent_id = "agent_b"; }));
  CAF_CHECK(shown([](session_query& q) { q.agent_version = 2; }));
  CAF_CHECK(!shown([](session_query& q) { q.agent_version = 1; }));
  CAF_CHECK(shown([](session_query& q) { q.deployment_id = "dep_1"; }));
  CAF_CHECK(!shown([](session_query& q) { q.deployment_id = "dep_2"; }));
  CAF_CHECK(!shown([](session_query& q) { q.deployment_id = "dep_1"; }, session_summary{}));
  CAF_CHECK(shown([](session_query& q) { q.memory_store_id = "m_2"; }));
  CAF_CHECK(!shown([](session_query& q) { q.memory_store_id = "m_3"; }));
}

CAF_TEST(times are bounds on either side) {
  CAF_CHECK(shown([](session_query& q) { q.created_gt = timestamp{9s}; }));
  CAF_CHECK(!shown([](session_query& q) { q.created_gt = timestamp{10s}; }));
  CAF_CHECK(shown([](session_query& q) { q.created_gte = timestamp{10s}; }));
  CAF_CHECK(!shown([](session_query& q) { q.created_gte = timestamp{11s}; }));
  CAF_CHECK(shown([](session_query& q) { q.created_lt = timestamp{11s}; }));
  CAF_CHECK(!shown([](session_query& q) { q.created_lt = timestamp{10s}; }));
  CAF_CHECK(shown([](session_query& q) { q.created_lte = timestamp{10s}; }));
  CAF_CHECK(!shown([](session_query& q) { q.created_lte = timestamp{9s}; }));
}
