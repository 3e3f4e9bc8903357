// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_render
#include "events/json/json_text.hpp"
#include "events/session/session.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <vector>

namespace {

using namespace sandbase;

timestamp at(std::int64_t ms) { return timestamp{std::chrono::milliseconds{ms}}; }

constexpr std::int64_t start = 1'780'048'800'000;  // 2026-05-29T10:00:00Z

session_header header() {
  session_header h;
  auto& d = h.definition.edit();
  d.id = "sess_1";
  d.created_at = at(start);
  d.environment_id = "env_1";
  d.agent_id = "agent_1";
  d.agent_version = 3;
  d.agent = R"({"id":"agent_1"})";
  h.progress.tip.updated_at = at(start + 1);
  return h;
}

std::string field(const std::string& session, std::string_view name) {
  const auto v = json::value{session}.find(name);
  return v ? std::string{v->text()} : "(absent)";
}

CAF_TEST(a fresh session) {
  const auto session = render_session(header(), at(start), secrets::shown);
  CAF_REQUIRE(json::validate(session));
  CAF_CHECK_EQUAL(session.find('\n'), std::string::npos);
  struct row {
    std::string_view name;
    std::string value;
  };
  // Every field of BetaManagedAgentsSession, then ours.
  const row rows[] = {
      {"id", R"("sess_1")"},
      {"agent", R"({"id":"agent_1"})"},
      {"archived_at", "null"},
      {"budget", "null"},
      {"created_at", R"("2026-05-29T10:00:00.000Z")"},
      {"environment_id", R"("env_1")"},
      {"metadata", "{}"},
      {"outcome_evaluations", "[]"},
      {"resources", "[]"},
      {"stats", R"({"active_seconds":0.000,"duration_seconds":0.000})"},
      {"status", R"("idle")"},
      {"title", "null"},
      {"type", R"("session")"},
      {"updated_at", R"("2026-05-29T10:00:00.001Z")"},
      {"usage",
       R"({"input_tokens":0,"output_tokens":0,"cache_read_input_tokens":0,"cache_creation_input_tokens":0,)"
       R"("cache_creation":{},"server_tool_use":null,"list_cost":null,"active_seconds":0.000})"},
      {"vault_ids", "[]"},
      {"deployment_id", "null"},
      {"pending", "[]"},
      {"agent_id", R"("agent_1")"},
      {"agent_version", "3"},
      {"expires_at", "(absent)"},
      {"log",
       R"({"events":0,"last_event_id":null,"head":"sha256:0000000000000000000000000000000000000000000000000000000000000000"})"},
  };
  for (const auto& [name, value] : rows) CAF_CHECK_EQUAL(field(session, name), value);
  CAF_CHECK_EQUAL(json::value{session}.count(), std::size(rows) - 1);
}

CAF_TEST(a session with everything) {
  auto h = header();
  auto& d = h.definition.edit();
  d.title = "a \"title\"";
  d.metadata = {{"b", "1"}, {"a", "\n"}};
  d.resources = R"([{"type":"file"}])";
  d.vault_ids = R"(["vlt_1"])";
  d.budget = R"({"type":"limit"})";
  d.expires_at = "2027-01-01T00:00:00+01:00";
  d.archived_at = at(start + 2);
  h.progress.status = session_status::rescheduling;
  h.progress.tip.last_seq = 12;
  h.progress.tip.last_id = "sevt_12";
  h.progress.tip.head = sha256("abc");
  h.progress.tip.usage = {1, 2, 3, 4};
  h.progress.details = {R"({"ephemeral_5m_input_tokens":4})", R"({"amount":"1.20","currency":"USD"})",
                        R"({"web_search_requests":2})"};
  h.progress.active_ms = 1'500;
  h.progress.pending = {{"sevt_3", event_type::agent_tool_use, true, "web_search"},
                        {"sevt_4", event_type::agent_custom_tool_use, false, ""}};
  d.deployment_id = "depl_1";
  h.progress.outcomes = {{"outc_1", "d", "satisfied", "e", 2, at(start)},
                         {"outc_2", "d2", "pending", "", 0, {}}};
  const auto session = render_session(h, at(start), secrets::shown);
  CAF_REQUIRE(json::validate(session));
  struct row {
    std::string_view name;
    std::string value;
  };
  const row rows[] = {
      {"title", R"("a \"title\"")"},
      {"metadata", R"({"b":"1","a":"\n"})"},
      {"resources", R"([{"type":"file"}])"},
      {"vault_ids", R"(["vlt_1"])"},
      {"budget", R"({"type":"limit"})"},
      {"expires_at", R"("2027-01-01T00:00:00+01:00")"},
      {"archived_at", R"("2026-05-29T10:00:00.002Z")"},
      {"status", R"("rescheduling")"},
      {"deployment_id", R"("depl_1")"},
      {"pending",
       R"([{"id":"sevt_3","type":"agent.tool_use","name":"web_search"},{"id":"sevt_4","type":"agent.custom_tool_use","name":null}])"},
      {"usage",
       R"({"input_tokens":1,"output_tokens":2,"cache_read_input_tokens":3,"cache_creation_input_tokens":4,)"
       R"("cache_creation":{"ephemeral_5m_input_tokens":4},"server_tool_use":{"web_search_requests":2},)"
       R"("list_cost":{"amount":"1.20","currency":"USD"},"active_seconds":1.500})"},
      {"log",
       R"({"events":12,"last_event_id":"sevt_12","head":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})"},
      {"outcome_evaluations",
       R"([{"type":"outcome_evaluation","outcome_id":"outc_1","description":"d","result":"satisfied","explanation":"e","iteration":2,"completed_at":"2026-05-29T10:00:00.000Z"},)"
       R"({"type":"outcome_evaluation","outcome_id":"outc_2","description":"d2","result":"pending","explanation":null,"iteration":0,"completed_at":null}])"},
  };
  for (const auto& [name, value] : rows) CAF_CHECK_EQUAL(field(session, name), value);
}

CAF_TEST(durations) {
  struct row {
    std::int64_t active_ms;
    std::optional<std::int64_t> running_since;
    std::optional<std::int64_t> terminated_at;
    std::int64_t now;
    std::string stats;
  };
  const row rows[] = {
      {0, {}, {}, 1, R"({"active_seconds":0.000,"duration_seconds":0.001})"},
      {12'340, {}, {}, 60'000, R"({"active_seconds":12.340,"duration_seconds":60.000})"},
      {500, 1'000, {}, 3'250, R"({"active_seconds":2.750,"duration_seconds":3.250})"},
      {500, {}, 2'000, 9'000, R"({"active_seconds":0.500,"duration_seconds":2.000})"},
      {0, {}, {}, -5, R"({"active_seconds":0.000,"duration_seconds":0.000})"},
      {0, {}, {}, 50, R"({"active_seconds":0.000,"duration_seconds":0.050})"},
      {7, 60'000, {}, 1'000, R"({"active_seconds":0.007,"duration_seconds":1.000})"},
      {1'234'567'891,
       {},
       {},
       1'234'567'891'234,
       R"({"active_seconds":1234567.891,"duration_seconds":1234567891.234})"},
  };
  for (const auto& r : rows) {
    auto h = header();
    h.progress.active_ms = r.active_ms;
    if (r.running_since) h.progress.running_since = at(start + *r.running_since);
    if (r.terminated_at) h.progress.terminated_at = at(start + *r.terminated_at);
    CAF_CHECK_EQUAL(field(render_session(h, at(start + r.now), secrets::shown), "stats"), r.stats);
  }
}

CAF_TEST(the oldest hundred of what waits are shown) {
  auto h = header();
  for (int i = 0; i < 150; ++i)
    h.progress.pending.push_back({"sevt_" + std::to_string(i), event_type::agent_tool_use, false, "t"});
  const auto session = render_session(h, at(start), secrets::shown);
  const auto pending = *json::value{session}.find("pending");
  CAF_CHECK_EQUAL(pending.count(), max_pending_shown);
  pending.for_each_element([](std::size_t i, const json::value& use) {
    CAF_CHECK_EQUAL(use.find("id")->as_string(), "sevt_" + std::to_string(i));
  });
}

CAF_TEST(a definition has a bound) {
  session_definition d = *header().definition;
  d.resources = "[\"" + std::string(max_session_bytes - 8'000, 'x') + "\"]";
  CAF_CHECK_EQUAL(testing::outcome_of(check_size(d)), "ok");
  d.resources = "[\"" + std::string(max_session_bytes, 'x') + "\"]";
  const auto refused = testing::outcome_of(check_size(d));
  CAF_CHECK(refused.starts_with("too_large: the session object would have "));
  CAF_CHECK(refused.ends_with("the limit is 262144 (256 KiB)"));
}

CAF_TEST(outcomes take the room that is left and no more) {
  auto h = header();
  h.definition.edit().resources = "[\"" + std::string(max_session_bytes - 10'000, 'x') + "\"]";
  for (int i = 0; i < 50; ++i)
    h.progress.outcomes.push_back(
        {"outc_" + std::to_string(i), std::string(1'000, 'd'), "running", "", 0, {}});
  const auto session = render_session(h, at(start), secrets::shown);
  CAF_REQUIRE(json::validate(session));
  CAF_CHECK(session.size() <= max_session_bytes + std::string_view{R"(,"pending":[])"}.size());
  const auto shown = *json::value{session}.find("outcome_evaluations");
  CAF_CHECK(shown.count() > 4 && shown.count() < 10);
  CAF_MESSAGE("the youngest");
  shown.for_each_element([&](std::size_t i, const json::value& outcome) {
    CAF_CHECK_EQUAL(outcome.find("outcome_id")->as_string(),
                    "outc_" + std::to_string(50 - shown.count() + i));
  });
}

CAF_TEST(no text of a session breaks a line) {
  auto h = header();
  auto& d = h.definition.edit();
  d.title = "a\u2028b";
  d.metadata = {{"k\u2029", "\u0085"}};
  h.progress.outcomes = {{"outc_1", "\u2028", "running", "\u2029", 0, {}}};
  h.progress.pending = {{"sevt_1", event_type::agent_tool_use, false, "\u2028"}};
  const auto session = render_session(h, at(start), secrets::shown);
  for (const std::string_view raw : {"\u2028", "\u2029", "\u0085"})
    CAF_CHECK_EQUAL(session.find(raw), std::string::npos);
  CAF_CHECK(json::validate(session));
}

CAF_TEST(secrets of resources are told to a runtime only) {
  struct row {
    std::string_view given;
    std::string_view hidden;
  };
  const row rows[] = {
      {"[]", "[]"},
      {R"([{"type":"file","file_id":"f"},{"type":"github_repository","authorization_token":"t","url":"u"}])",
       R"([{"type":"file","file_id":"f"},{"type":"github_repository","url":"u"}])"},
      {R"([{"authorization_token":{"a":1}}])", "[{}]"},
      {R"([{"\u0061uthorization_token":"t","z":1.50}])", R"([{"z":1.50}])"},
      {R"([1,"authorization_token",null,[]])", R"([1,"authorization_token",null,[]])"},
  };
  for (const auto& r : rows) {
    auto h = header();
    h.definition.edit().resources = r.given;
    CAF_CHECK_EQUAL(field(render_session(h, at(start), secrets_for(role::runtime)), "resources"), r.given);
    for (const auto may : {role::client, role::viewer})
      CAF_CHECK_EQUAL(field(render_session(h, at(start), secrets_for(may)), "resources"), r.hidden);
  }
}

}  // namespace
