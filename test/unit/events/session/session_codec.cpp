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
  p.answers = {{7, {0x0123456789abcdef, 0xfedcba9876543210}}, {9, {1, 0}}};
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

/// What older programs have written is read by this one, and what it writes by them.
CAF_TEST(the stored form stays as it is) {
  CAF_CHECK_EQUAL(
      full_definition().encode(),
      R"({"id":"sess_01","created_at":1780000000123,"title":"a \"title\"\n",)"
      R"("environment_id":"env_1","agent_id":"agent_1","agent_version":7,"agent":{"id":"agent_1",)"
      R"("n":1.10},"metadata":{"z":"1","a":"é","":""},"resources":[{"type":"file"}],)"
      R"("vault_ids":["vlt_1"],"budget":{"type":"limit"},)"
      R"("expires_at":"2027-01-01T00:00:00+01:00","archived_at":-1,"deployment_id":"depl_1"})");
  auto progress = full_progress();
  progress.recent_appends = {{3, 1, 4, at(11)}, {-1, 5, 12, at(12)}};
  CAF_CHECK_EQUAL(progress.encode(),
                  R"({"tip":{"last_seq":12,"last_id":"sevt_x","last_time":5,"last_nanos":999999,)"
                  R"("updated_at":6,)"
                  R"("head":"sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",)"
                  R"("usage":{"input":1,"output":2,"cache_read":3,"cache_creation":4}},)"
                  R"("status":"rescheduling","active_ms":77,"running_since":8,"terminated_at":9,)"
                  R"("pending":[{"id":"sevt_1","type":"agent.mcp_tool_use","awaits_confirmation":true,)"
                  R"("name":"search"},{"id":"sevt_2","type":"agent.custom_tool_use",)"
                  R"("awaits_confirmation":false}],)"
                  R"("answers":[{"seq":7,"says":"fedcba98765432100123456789abcdef"},)"
                  R"({"seq":9,"says":"00000000000000000000000000000001"}],)"
                  R"("outcomes":[{"id":"outc_1","description":"d",)"
                  R"("result":"satisfied","explanation":"because","iteration":3,"completed_at":10},)"
                  R"({"id":"outc_2","description":"","result":"pending","explanation":"","iteration":0}],)"
                  R"("usage_details":{"cache_creation":{"a":1},"server_tool_use":{"b":2}},)"
                  R"("recent_appends":[{"author":3,"first":1,"last":4,"at":11},{"author":-1,"first":5,)"
                  R"("last":12,"at":12}]})");
  CAF_CHECK_EQUAL(session_definition{}.encode(),
                  R"({"id":"","created_at":0,"environment_id":"","agent_id":"","agent_version":1,"agent":{},)"
                  R"("metadata":{},"resources":[],"vault_ids":[],"budget":null,"expires_at":""})");
  CAF_CHECK_EQUAL(session_progress{}.encode(),
                  R"({"tip":{"last_seq":0,"last_id":"","last_time":0,"updated_at":0,)"
                  R"("head":"sha256:0000000000000000000000000000000000000000000000000000000000000000",)"
                  R"("usage":{"input":0,"output":0,"cache_read":0,"cache_creation":0}},"status":"idle",)"
                  R"("active_ms":0,"pending":[],"outcomes":[],"recent_appends":[]})");
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
                                 {"running_since", "terminated_at", "usage_details", "answers"});
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
      replaced("\"says\":\"fedc", "\"says\":\"xedc"),
      replaced("\"says\":\"fedc", "\"says\":\"edc"),
      replaced("\"pending\":[", "\"pending\":[7,"),
      replaced("\"recent_appends\":[", "\"recent_appends\":[{\"author\":1,\"first\":-1,\"last\":1,\"at\":1}"),
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
