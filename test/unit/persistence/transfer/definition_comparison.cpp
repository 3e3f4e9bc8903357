// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE definition_comparison
#include "persistence/transfer/definition_comparison.hpp"

#include "persistence/transfer/transfer_line.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;

CAF_TEST(a header is compared by the fields that it has) {
  auto line = read_transfer_line(
      R"({"session":{"id":"sess_a","agent":{"id":"agent_1","version":2},"environment_id":"env_1","title":"t",)"
      R"("metadata":{"a":"1","b":"2"},"created_at":"2026-05-29T10:00:00Z"}})",
      json::line_breaks::escaped);
  const session_header stored{std::get<header_line>(line).header.definition, {}};
  const auto same = [&](const std::string& session) {
    return static_cast<bool>(compare_definition(session, stored));
  };
  CAF_CHECK(same("{}"));
  CAF_CHECK(same(R"({"agent":"agent_1","title":"\u0074","resources":null,"archived_at":null})"));
  CAF_CHECK(same(R"({"metadata":{"b":"2","a":"1"},"created_at":"2026-05-29T12:00:00.000+02:00"})"));
  CAF_CHECK(same(R"({"status":"running","updated_at":"1999-01-01T00:00:00Z","unknown":1})"));
  CAF_CHECK(!same(R"({"agent":"agent_2"})"));
  CAF_CHECK(!same(R"({"agent":{"id":"agent_1","version":3}})"));
  CAF_CHECK(!same(R"({"title":null})"));
  CAF_CHECK(!same(R"({"environment_id":"env_2"})"));
  CAF_CHECK(!same(R"({"metadata":{"a":"1"}})"));
  CAF_CHECK(!same(R"({"metadata":{"a":"1","b":"2","c":"3"}})"));
  CAF_CHECK(!same(R"({"created_at":"2026-05-29T10:00:00.001Z"})"));
  CAF_CHECK(!same(R"({"archived_at":"2026-05-29T10:00:00Z"})"));
  CAF_CHECK(!same(R"({"resources":[1]})"));
}
