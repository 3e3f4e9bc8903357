// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_codec
#include "events/json/json_text.hpp"
#include "events/session/session.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <vector>

namespace {

using namespace sandbase;
using testing::outcome_of;

timestamp at(std::int64_t ms) { return timestamp{std::chrono::milliseconds{ms}}; }

session_definition full_definition() {
  session_definition d;
  d.id = "sess_01";
  d.created_at = at(1'780'000'000'123);
  d.title = "a \"title\"\n";
  d.environment_id = "env_1";
  d.agent_id = "agent_1";
  d.agent_version = 7;
  d.agent = R"({"id":"agent_1","n":1.10})";
  d.metadata = {{"z", "1"}, {"a", "\xc3\xa9"}, {"", ""}};
  d.resources = R"([{"type":"file"}])";
  d.vault_ids = R"(["vlt_1"])";
  d.budget = R"({"type":"limit"})";
  d.expires_at = "2027-01-01T00:00:00+01:00";
  d.archived_at = at(-1);
  d.deployment_id = "depl_1";
  return d;
}

session_progress full_progress() {
  session_progress p;
  p.tip = {12, "sevt_x", {at(5), 999'999}, at(6), sha256("x"), {1, 2, 3, 4}};
  p.status = session_status::rescheduling;
  p.active_ms = 77;
  p.running_since = at(8);
  p.terminated_at = at(9);
  p.pending = {{"sevt_1", event_type::agent_mcp_tool_use, true, "search"},
               {"sevt_2", event_type::agent_custom_tool_use, false, ""}};
  p.details = {R"({"a":1})", "", R"({"b":2})"};
  p.outcomes = {{"outc_1", "d", "satisfied", "because", 3, at(10)},
                {"outc_2", "", "pending", "", 0, std::nullopt}};
  return p;
}

CAF_TEST(a definition comes back as it was) {
  for (const auto& d : {full_definition(), session_definition{}}) {
    const auto text = d.encode();
    CAF_REQUIRE(json::validate(text));
    const auto decoded = session_definition::decode(text);
    CAF_REQUIRE_EQUAL(outcome_of(decoded), "ok");
    CAF_CHECK_EQUAL(decoded->id, d.id);
    CAF_CHECK(decoded->created_at == d.created_at);
    CAF_CHECK(decoded->title == d.title);
    CAF_CHECK_EQUAL(decoded->environment_id, d.environment_id);
    CAF_CHECK_EQUAL(decoded->agent_id, d.agent_id);
    CAF_CHECK_EQUAL(decoded->agent_version, d.agent_version);
    CAF_CHECK_EQUAL(decoded->agent, d.agent);
    CAF_CHECK(decoded->metadata == d.metadata);
    CAF_CHECK_EQUAL(decoded->resources, d.resources);
    CAF_CHECK_EQUAL(decoded->vault_ids, d.vault_ids);
    CAF_CHECK_EQUAL(decoded->budget, d.budget);
    CAF_CHECK_EQUAL(decoded->expires_at, d.expires_at);
    CAF_CHECK(decoded->archived_at == d.archived_at);
    CAF_CHECK(decoded->deployment_id == d.deployment_id);
  }
}

CAF_TEST(a definition from before line breaks were escaped has none raw) {
  auto d = full_definition();
  d.agent = "{\"id\":\"a\u2028\"}";
  d.resources = "[\"\u0085\"]";
  const auto decoded = session_definition::decode(d.encode());
  CAF_REQUIRE_EQUAL(outcome_of(decoded), "ok");
  CAF_CHECK_EQUAL(decoded->agent, R"({"id":"a\u2028"})");
  CAF_CHECK_EQUAL(decoded->resources, R"(["\u0085"])");
  CAF_CHECK(decoded->title == d.title);
}

CAF_TEST(progress comes back as it was) {
  for (const auto& p : {full_progress(), session_progress{}}) {
    const auto text = p.encode();
    CAF_REQUIRE(json::validate(text));
    const auto decoded = session_progress::decode(text);
    CAF_REQUIRE_EQUAL(outcome_of(decoded), "ok");
    CAF_CHECK(*decoded == p);
  }
}

/// `text` with each of its members in turn taken away or made something else must not decode.
template <class T>
void check_broken(const std::string& text, const std::vector<std::string>& optional) {
  std::vector<std::pair<std::string, std::string>> members;
  json::value{text}.for_each_member([&](std::string_view, std::string key, const json::value& v) {
    members.emplace_back(std::move(key), v.text());
  });
  const auto rebuilt = [&](std::size_t broken, std::string_view value) {
    std::string out = "{";
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i == broken && value.empty()) continue;
      if (out.size() > 1) out += ',';
      out += json::quoted(members[i].first) + ":" + (i == broken ? std::string{value} : members[i].second);
    }
    return out + "}";
  };
  CAF_REQUIRE(T::decode(rebuilt(members.size(), "")));
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto& name = members[i].first;
    CAF_MESSAGE(name);
    const bool may_miss = std::find(optional.begin(), optional.end(), name) != optional.end();
    const auto without = T::decode(rebuilt(i, ""));
    CAF_CHECK_EQUAL(static_cast<bool>(without), may_miss);
    if (!without) CAF_CHECK(without.error().code == errc::corrupt);
    const auto of_other_kind = T::decode(rebuilt(i, "false"));
    CAF_REQUIRE(!of_other_kind);
    CAF_CHECK(of_other_kind.error().code == errc::corrupt);
    CAF_CHECK(of_other_kind.error().message.find("\"" + name + "\"") != std::string::npos);
  }
}

CAF_TEST(a definition with a bad field is corrupt) {
  check_broken<session_definition>(full_definition().encode(), {"title", "archived_at", "deployment_id"});
}

CAF_TEST(progress with a bad field is corrupt) {
  check_broken<session_progress>(full_progress().encode(),
                                 {"running_since", "terminated_at", "usage_details"});
}

CAF_TEST(other text is corrupt) {
  const auto progress = full_progress().encode();
  const auto replaced = [&](std::string_view what, std::string_view with) {
    auto text = progress;
    const auto pos = text.find(what);
    CAF_REQUIRE(pos != std::string::npos);
    return text.replace(pos, what.size(), with);
  };
  const std::string rows[] = {
      "",
      "[]",
      "null",
      "{}",
      "{",
      progress + "x",
      progress.substr(0, progress.size() - 1),
      replaced("rescheduling", "paused"),
      replaced("sha256:", "sha512:"),
      replaced("agent.mcp_tool_use", "agent.message"),
      replaced("\"last_seq\":12", "\"last_seq\":-12"),
      replaced("\"last_seq\":12", "\"last_seq\":1.5"),
      replaced("\"last_nanos\":999999", "\"last_nanos\":1000000"),
      replaced("\"input\":1", "\"input\":\"1\""),
      replaced("\"awaits_confirmation\":true", "\"awaits_confirmation\":1"),
      replaced("\"iteration\":3", "\"iteration\":null"),
      replaced("\"pending\":[", "\"pending\":[7,"),
  };
  for (const auto& text : rows) {
    CAF_MESSAGE(text);
    const auto p = session_progress::decode(text);
    CAF_REQUIRE(!p);
    CAF_CHECK(p.error().code == errc::corrupt);
    CAF_CHECK(!p.error().message.empty());
  }
  for (const std::string_view text : {"", "[]", "{}", "{\"id\":\"x\"}"}) {
    const auto d = session_definition::decode(text);
    CAF_REQUIRE(!d);
    CAF_CHECK(d.error().code == errc::corrupt);
  }
}

}  // namespace
