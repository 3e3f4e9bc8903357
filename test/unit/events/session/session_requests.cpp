// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_requests
#include "events/json/json_text.hpp"
#include "events/session/session.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <vector>

namespace {

using namespace sandbase;
using testing::outcome_of;

const send_limits limits;

std::string pairs(int count, std::string_view key = "k") {
  std::string out = "{";
  for (int i = 0; i < count; ++i) {
    if (i != 0) out += ',';
    out.append("\"").append(key).append(std::to_string(i)).append("\":\"v\"");
  }
  return out + "}";
}

std::string repeat(std::string_view piece, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

/// Rows that hold for a create body and, below `session`, for an import header.
struct field_row {
  /// Beside agent and environment_id.
  std::string members;
  /// Ok, or the message behind the path.
  std::string outcome;
};

const field_row shared_rows[] = {
    {"", "ok"},
    {R"("unknown":{"x":[1]})", "ok"},
    {R"("title":"t")", "ok"},
    {R"("title":"")", "ok"},
    {R"("title":null)", "ok"},
    {R"("title":5)", "title: must be a string"},
    {R"("metadata":null)", "ok"},
    {R"("metadata":)" + pairs(16), "ok"},
    {R"("metadata":)" + pairs(17), "metadata: must have at most 16 pairs"},
    {R"("metadata":[])", "metadata: must be an object"},
    {R"("metadata":{"a":1})", "metadata.a: must be a string"},
    {R"("metadata":{"a":null})", "metadata.a: must be a string"},
    {R"("metadata":{"":"x"})", R"(metadata[""]: a key must have 1 to 64 characters)"},
    {R"("metadata":{")" + std::string(64, 'k') + R"(":"x"})", "ok"},
    {R"("metadata":{")" + repeat("\xc3\xa9", 64) + R"(":"x"})", "ok"},
    {R"("metadata":{")" + std::string(65, 'k') + R"(":"x"})",
     R"(metadata[")" + std::string(64, 'k') + R"(…"]: a key must have 1 to 64 characters)"},
    {R"("metadata":{"a\u0000":"x"})", R"(metadata["a\u0000"]: a key must not hold the character NUL)"},
    {R"("metadata":{"a":")" + repeat("\xf0\x9f\x98\x80", 512) + R"("})", "ok"},
    {R"("metadata":{"a":"\u0000"})", "ok"},
    {R"("metadata":{"a":")" + std::string(513, 'v') + R"("})",
     "metadata.a: must have at most 512 characters"},
    {R"("resources":[{"type":"file"}])", "ok"},
    {R"("resources":{})", "resources: must be an array"},
    {R"("vault_ids":["vlt_1","vlt_2"])", "ok"},
    {R"("vault_ids":"vlt_1")", "vault_ids: must be an array"},
    {R"("vault_ids":["vlt_1",2])", "vault_ids[1]: must be a string"},
    {R"("budget":{"type":"limit"})", "ok"},
    {R"("budget":null)", "ok"},
    {R"("budget":5)", "budget: must be an object"},
    {R"("expires_at":"2027-01-01T00:00:00+01:00")", "ok"},
    {R"("expires_at":null)", "ok"},
    {R"("expires_at":"soon")",
     "expires_at: must be a time as in RFC 3339, like \"2026-05-29T10:00:03.120Z\""},
    {R"("expires_at":1780000000)", "expires_at: must be a string"},
};

CAF_TEST(fields of new and imported sessions) {
  for (const auto& [members, expected] : shared_rows) {
    CAF_MESSAGE(members.substr(0, 80));
    const auto fields =
        R"("agent":"agent_1","environment_id":"env_1")" + (members.empty() ? "" : "," + members);
    CAF_CHECK_EQUAL(outcome_of(parse_create_request("{" + fields + "}", role::client, limits)),
                    expected == "ok" ? "ok" : "invalid: " + expected);
    CAF_CHECK_EQUAL(outcome_of(parse_import_header(R"({"session":{"id":"sess_1",)" + fields + "}}")),
                    expected == "ok" ? "ok" : "invalid: session." + expected);
  }
}

CAF_TEST(create bodies) {
  const std::string reference = "must be a string of 1 to 128 bytes without control characters";
  struct row {
    std::string body;
    std::string outcome;
  };
  const row rows[] = {
      {R"( { "agent" : "agent_1" , "environment_id" : "env_1" } )", "ok"},
      {"", "invalid: body: the JSON ends too early at byte 0"},
      {"[]", "invalid: body: must be an object"},
      {"{}", "invalid: agent: is required"},
      {R"({"environment_id":"env_1"})", "invalid: agent: is required"},
      {R"({"agent":null,"environment_id":"env_1"})", "invalid: agent: is required"},
      {R"({"agent":"agent_1"})", "invalid: environment_id: is required"},
      {R"({"agent":"agent_1","environment_id":""})", "invalid: environment_id: " + reference},
      {R"({"agent":"agent_1","environment_id":1})", "invalid: environment_id: must be a string"},
      {R"({"agent":"agent_1","environment_id":"a\u0000"})", "invalid: environment_id: " + reference},
      {R"({"agent":"agent_1","environment_id":"e","environment_id":"e"})",
       R"(invalid: body: duplicate key "environment_id")"},
      {R"({"agent":7,"environment_id":"e"})", "invalid: agent: must be an agent's id or an object with one"},
      {R"({"agent":"","environment_id":"e"})", "invalid: agent: " + reference},
      {R"({"agent":"a\u0000","environment_id":"e"})", "invalid: agent: " + reference},
      {R"({"agent":{},"environment_id":"e"})", "invalid: agent.id: is required"},
      {R"({"agent":{"id":"a"},"environment_id":"e"})", "ok"},
      {R"({"agent":{"id":"a","type":"agent","version":1},"environment_id":"e"})", "ok"},
      {R"({"agent":{"id":"a","type":"agent_with_overrides","version":null},"environment_id":"e"})", "ok"},
      {R"({"agent":{"id":"a","type":"robot"},"environment_id":"e"})",
       "invalid: agent.type: must be \"agent\" or \"agent_with_overrides\""},
      {R"({"agent":{"id":5},"environment_id":"e"})", "invalid: agent.id: must be a string"},
      {R"({"agent":{"id":"a","version":0},"environment_id":"e"})",
       "invalid: agent.version: must be an integer from 1 on"},
      {R"({"agent":{"id":"a","version":1.5},"environment_id":"e"})",
       "invalid: agent.version: must be an integer from 1 on"},
      {R"({"agent":{"id":"a","version":"1"},"environment_id":"e"})",
       "invalid: agent.version: must be a number"},
      {R"({"agent":{"id":"a","tools":{}},"environment_id":"e"})", "invalid: agent.tools: must be an array"},
      {R"({"agent":{"id":"a","mcp_servers":1},"environment_id":"e"})",
       "invalid: agent.mcp_servers: must be an array"},
      {R"({"agent":{"id":"a","skills":"x"},"environment_id":"e"})",
       "invalid: agent.skills: must be an array"},
      {R"({"agent":{"id":"a","system":1},"environment_id":"e"})", "invalid: agent.system: must be a string"},
      {R"({"agent":{"id":"a","name":1},"environment_id":"e"})", "invalid: agent.name: must be a string"},
      {R"({"agent":{"id":"a","model":1},"environment_id":"e"})",
       "invalid: agent.model: must be a string or an object"},
      {R"({"agent":{"id":"a","model":{}},"environment_id":"e"})", "invalid: agent.model.id: is required"},
      {R"({"agent":{"id":"a","multiagent":[]},"environment_id":"e"})",
       "invalid: agent.multiagent: must be an object"},
      {R"({"agent":"a","environment_id":"e","initial_events":null})", "ok"},
      {R"({"agent":"a","environment_id":"e","initial_events":[]})", "ok"},
      {R"({"agent":"a","environment_id":"e","initial_events":[{"type":"user.interrupt"}]})", "ok"},
      {R"({"agent":"a","environment_id":"e","initial_events":{}})",
       "invalid: initial_events: must be an array of events"},
      {R"({"agent":"a","environment_id":"e","initial_events":[{"type":"user.message"}]})",
       "invalid: initial_events[0].content: is required"},
      {R"({"agent":"a","environment_id":"e","initial_events":[{"type":"agent.thinking"}]})",
       R"(forbidden: initial_events[0].type: a client key may not send "agent.thinking")"},
  };
  for (const auto& [body, expected] : rows) {
    CAF_MESSAGE(body);
    CAF_CHECK_EQUAL(outcome_of(parse_create_request(body, role::client, limits)), expected);
  }
  std::string events = R"({"type":"user.interrupt"})";
  for (std::size_t i = 1; i < max_initial_events; ++i) events += R"(,{"type":"user.interrupt"})";
  const auto with = [](const std::string& all) {
    return R"({"agent":"a","environment_id":"e","initial_events":[)" + all + "]}";
  };
  const auto most = parse_create_request(with(events), role::client, limits);
  CAF_REQUIRE(most);
  CAF_CHECK_EQUAL(most->initial_events.size(), std::size_t{50});
  CAF_CHECK_EQUAL(outcome_of(parse_create_request(with(events + ",{}"), role::client, limits)),
                  "invalid: initial_events: must hold at most 50 events");
  CAF_CHECK_EQUAL(outcome_of(parse_create_request(
                      R"({"agent":"a","environment_id":"e","initial_events":[{"type":"agent.thinking"}]})",
                      role::runtime, limits)),
                  "ok");
}

CAF_TEST(what a create body becomes) {
  const auto request = parse_create_request(
      R"({ "title":"t", "metadata":{"z":"1","a":"2"}, "agent":"agent_1", "environment_id":"env_1", "resources":[ { "n":1.10 } ],
           "vault_ids":[ "v" ], "deployment_id":"depl_1", "budget":{ "type":"limit" }, "expires_at":"2027-01-01T00:00:00+01:00",
           "initial_events":[{"type":"user.interrupt"}] })",
      role::client, limits);
  CAF_REQUIRE_EQUAL(outcome_of(request), "ok");
  const auto& d = request->definition;
  CAF_CHECK(d.title == "t");
  CAF_CHECK_EQUAL(d.environment_id, "env_1");
  CAF_CHECK_EQUAL(d.agent_id, "agent_1");
  CAF_CHECK_EQUAL(d.agent_version, 1);
  const std::vector<std::pair<std::string, std::string>> metadata{{"z", "1"}, {"a", "2"}};
  CAF_CHECK(d.metadata == metadata);
  CAF_CHECK_EQUAL(d.resources, R"([{"n":1.10}])");
  CAF_CHECK_EQUAL(d.vault_ids, R"(["v"])");
  CAF_CHECK_EQUAL(d.budget, R"({"type":"limit"})");
  CAF_CHECK_EQUAL(d.expires_at, "2027-01-01T00:00:00+01:00");
  CAF_CHECK(d.deployment_id == "depl_1");
  CAF_CHECK_EQUAL(request->initial_events.size(), std::size_t{1});
  CAF_CHECK_EQUAL(request->initial_events.front().type_name, "user.interrupt");
  CAF_CHECK_EQUAL(d.id, "");
}

CAF_TEST(snapshots of agents have every field) {
  struct row {
    std::string agent;
    std::string snapshot;
  };
  const std::string rest =
      R"("description":null,"model":{"id":"unknown"},"system":null,"tools":[],"mcp_servers":[],"skills":[],"multiagent":null,"execution_identity":{"type":"service_account"}})";
  const std::string full =
      R"({"id":"a","type":"agent","version":4,"name":"n","description":"d","model":{"id":"m","speed":"fast"},"system":"s","tools":[{"type":"custom"}],"mcp_servers":[{"name":"x"}],"skills":[1],"multiagent":{"type":"coordinator"},"execution_identity":{"type":"aws_role"}})";
  const row rows[] = {
      {R"("agent_1")", R"({"id":"agent_1","type":"agent","version":1,"name":"agent_1",)" + rest},
      {R"({"id":"agent_1","type":"agent","version":7})",
       R"({"id":"agent_1","type":"agent","version":7,"name":"agent_1",)" + rest},
      {full, full},
      {R"({"id":"a","type":"agent_with_overrides","model":"claude","system":null,"tools":[ 1 , {"type":"mcp_toolset","mcp_server_name":"m"} ],"skills":[{"type":"anthropic","skill_id":"xlsx"}],"unknown":1})",
       R"({"id":"a","type":"agent","version":1,"name":"a","description":null,"model":{"id":"claude"},"system":null,)"
       R"("tools":[1,{"type":"mcp_toolset","mcp_server_name":"m","configs":[],"default_config":{"enabled":true,"permission_policy":{"type":"always_ask"}}}],)"
       R"("mcp_servers":[],"skills":[{"type":"anthropic","skill_id":"xlsx","version":"latest"}],"multiagent":null,"execution_identity":{"type":"service_account"}})"},
  };
  for (const auto& [agent, snapshot] : rows) {
    const auto request =
        parse_create_request(R"({"environment_id":"e","agent":)" + agent + "}", role::client, limits);
    CAF_REQUIRE_EQUAL(outcome_of(request), "ok");
    CAF_CHECK_EQUAL(request->definition.agent, snapshot);
    CAF_CHECK(json::validate(request->definition.agent));
  }
}

CAF_TEST(import headers) {
  const std::string session = R"("id":"sess_1","agent":"a","environment_id":"e")";
  const std::string head = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  struct row {
    std::string line;
    std::string outcome;
  };
  const std::string time_demand = "must be a time as in RFC 3339, like \"2026-05-29T10:00:03.120Z\"";
  const row rows[] = {
      {R"({"session":{)" + session + "}}", "ok"},
      {R"({"workspace":"default","session":{)" + session + "}}", "ok"},
      {"{}", "invalid: session: is required"},
      {"7", "invalid: body: must be an object"},
      {R"({"session":[]})", "invalid: session: must be an object"},
      {R"({"session":{"agent":"a","environment_id":"e"}})", "invalid: session.id: is required"},
      {R"({"session":{"id":"x","agent":"a","environment_id":"e"}})",
       "invalid: session.id: must be letters, '_', then 1 to 64 letters or digits"},
      {R"({"session":{"id":"sess_1","environment_id":"e"}})", "invalid: session.agent: is required"},
      {R"({"session":{"id":"sess_1","agent":"a"}})", "invalid: session.environment_id: is required"},
      {R"({"session":{"id":"sess_1","agent":{},"environment_id":"e"}})",
       "invalid: session.agent.id: is required"},
      {R"({"workspace":7,"session":{)" + session + "}}", "invalid: workspace: must be a string"},
      {R"({"workspace":"","session":{)" + session + "}}",
       "invalid: workspace: must be a string of 1 to 128 bytes without control characters"},
      {R"({"session":{)" + session + R"(,"created_at":"x"}})", "invalid: session.created_at: " + time_demand},
      {R"({"session":{)" + session + R"(,"archived_at":"x"}})",
       "invalid: session.archived_at: " + time_demand},
      {R"({"session":{)" + session + R"(,"archived_at":null,"created_at":null,"log":null}})", "ok"},
      {R"({"session":{)" + session + R"(,"log":7}})", "invalid: session.log: must be an object"},
      {R"({"session":{)" + session + R"(,"log":{"head":"x"}}})",
       "invalid: session.log.head: must be \"sha256:\" and 64 hex digits in lower case"},
      {R"({"session":{)" + session + R"(,"log":{"events":-1}}})",
       "invalid: session.log.events: must be an integer from 0 on"},
  };
  for (const auto& [line, expected] : rows) {
    CAF_MESSAGE(line);
    CAF_CHECK_EQUAL(outcome_of(parse_import_header(line)), expected);
  }

  const auto header =
      parse_import_header(R"({"workspace":"w","session":{)" + session +
                          R"(,"created_at":"2026-05-29T10:00:00Z","archived_at":"2026-05-30T10:00:00Z",)" +
                          R"("log":{"events":3,"last_event_id":"sevt_3","head":")" + head + "\"}}}");
  CAF_REQUIRE_EQUAL(outcome_of(header), "ok");
  CAF_CHECK_EQUAL(header->workspace, "w");
  CAF_CHECK_EQUAL(header->definition.id, "sess_1");
  CAF_CHECK(header->definition.created_at == parse_timestamp("2026-05-29T10:00:00Z"));
  CAF_CHECK(header->definition.archived_at == parse_timestamp("2026-05-30T10:00:00Z"));
  CAF_CHECK(header->expected_head == sha256("abc"));
  CAF_CHECK(header->expected_events == seq_t{3});
  CAF_CHECK(header->expected_last_id == "sevt_3");

  const auto bare = parse_import_header(R"({"session":{)" + session + "}}");
  CAF_REQUIRE(bare);
  CAF_CHECK_EQUAL(bare->workspace, "");
  CAF_CHECK(bare->definition.created_at == timestamp{});
  CAF_CHECK(!bare->expected_head && !bare->expected_events && !bare->expected_last_id &&
            !bare->definition.archived_at);
}

CAF_TEST(bodies are taken in the form that is stored) {
  const std::string mark = "\ufeff";
  const auto made = parse_create_request(
      mark +
          "{\"agent\":{\"id\":\"a\",\"system\":\"x\u2028y\\ud83d\"},\"environment_id\":\"e\",\"title\":\"cut "
          "\\ud83d\",\"resources\":[\"\u0085\"],\"metadata\":{\"k\":\"\\ude00\"}}",
      role::client, limits);
  CAF_REQUIRE_EQUAL(outcome_of(made), "ok");
  CAF_CHECK(made->definition.title == "cut \ufffd");
  CAF_CHECK_EQUAL(made->definition.resources, R"(["\u0085"])");
  CAF_CHECK(made->definition.agent.find(R"("system":"x\u2028y)") != std::string::npos);
  CAF_CHECK((made->definition.metadata.at(0) == std::pair<std::string, std::string>{"k", "\ufffd"}));
  const auto changed = parse_update_request(mark + "{\"title\":\"a\u2029\"}");
  CAF_REQUIRE_EQUAL(outcome_of(changed), "ok");
  session_definition d;
  const auto payload = apply_update(d, *changed);
  CAF_REQUIRE(payload);
  CAF_CHECK_EQUAL(*payload, R"("title":"a\u2029")");
  for (const auto* const body :
       {R"({"agent":"a\ud83d","environment_id":"e"})", R"({"agent":"a","environment_id":"\ud83d"})",
        R"({"agent":"a","environment_id":"e","metadata":{"k\ud83d":"v"}})"})
    CAF_CHECK(outcome_of(parse_create_request(body, role::client, limits)).find("half of a surrogate pair") !=
              std::string::npos);
}

CAF_TEST(an exported session is imported as it was) {
  const auto imported = parse_import_header(
      R"({"session":{"id":"sess_1","agent":{"id":"a","tools":[1]},"environment_id":"e","title":"t","metadata":{"k":"v"},"resources":[2],)"
      R"("vault_ids":["v"],"deployment_id":"depl_1","budget":{"b":3},"expires_at":"2027-01-01T00:00:00Z","created_at":"2026-05-29T10:00:00.123Z",)"
      R"("archived_at":"2026-05-29T11:00:00.000Z"}})");
  CAF_REQUIRE_EQUAL(outcome_of(imported), "ok");
  session_header original;
  original.definition = imported->definition;
  original.progress.tip.last_seq = 5;
  original.progress.tip.last_id = "sevt_5";
  original.progress.tip.head = sha256("x");
  const auto line =
      R"({"session":)" + render_session(original, {}, secrets::shown) + R"(,"workspace":"default"})";
  const auto again = parse_import_header(line);
  CAF_REQUIRE_EQUAL(outcome_of(again), "ok");
  CAF_CHECK_EQUAL(again->definition.encode(), original.definition->encode());
  CAF_CHECK(again->expected_head == sha256("x"));
  CAF_CHECK(again->expected_events == seq_t{5});
}

CAF_TEST(a session made at the full depth can be exported and imported) {
  const auto body = R"({"agent":"a","environment_id":"e","resources":)" +
                    std::string(json::max_depth - 1, '[') + std::string(json::max_depth - 1, ']') + "}";
  const auto made = parse_create_request(body, role::client, {});
  CAF_REQUIRE_EQUAL(outcome_of(made), "ok");
  session_header header;
  header.definition = made->definition;
  header.definition.edit().id = "sess_1";
  const auto shown = render_session(header, {}, secrets::shown);
  const auto imported = parse_import_header(R"({"session":)" + shown + "}");
  CAF_REQUIRE_EQUAL(outcome_of(imported), "ok");
  CAF_CHECK_EQUAL(imported->definition.resources, made->definition.resources);
  const auto deeper = R"({"session":{"id":"sess_1","agent":"a","environment_id":"e","resources":)" +
                      std::string(json::max_depth, '[') + std::string(json::max_depth, ']') + "}}";
  CAF_CHECK_EQUAL(outcome_of(parse_import_header(deeper)),
                  "invalid: session.resources: nesting deeper than 65");
}

}  // namespace
