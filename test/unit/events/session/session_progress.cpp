// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_progress
#include "events/session/session.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <vector>

namespace {

using namespace sandbase;
using testing::outcome_of;

timestamp at(std::int64_t ms) { return timestamp{std::chrono::milliseconds{ms}}; }

/// A log that grows: each event is checked and applied as a session would, ids are sevt_1, sevt_2, …
struct fixture {
  session_progress progress;
  std::int64_t now = 0;

  static event_facts facts(std::string_view type, std::string_view members = "") {
    std::string event = R"({"id":"x_1","type":")" + std::string{type} + '"';
    if (!members.empty()) event.append(",").append(members);
    return facts_of(event + "}");
  }

  bool apply(std::string_view type, std::string_view members = "") {
    const auto seq = progress.tip.last_seq + 1;
    return progress.apply(facts(type, members), seq, "sevt_" + std::to_string(seq), at(now), digest{});
  }

  /// `ok` and applied, or why not.
  std::string append(std::string_view type, std::string_view members = "") {
    const auto checked = progress.check(facts(type, members), "events[4]");
    if (checked) apply(type, members);
    return outcome_of(checked);
  }

  std::string waiting() const {
    std::string out;
    for (const auto& use : progress.pending) {
      if (!out.empty()) out += ' ';
      out += use.id;
      if (use.awaits_confirmation) out += '?';
    }
    return out;
  }
};

CAF_TEST_FIXTURE_SCOPE(session_progress_tests, fixture)

CAF_TEST(status names are one to one) {
  for (const std::string name : {"idle", "running", "rescheduling", "terminated"}) {
    const auto status = status_from(name);
    CAF_REQUIRE(status);
    CAF_CHECK_EQUAL(std::string{to_string(*status)}, name);
  }
  CAF_CHECK(!status_from("rescheduled"));
  CAF_CHECK(!status_from(""));
  CAF_CHECK_EQUAL(static_cast<int>(session_status::terminated), 3);
}

CAF_TEST(the tip follows every event) {
  now = 1'234;
  const auto head = sha256("x");
  CAF_CHECK(!progress.apply(facts("user.message"), 7, "my_7", at(now), head));
  CAF_CHECK_EQUAL(progress.tip.last_seq, seq_t{7});
  CAF_CHECK_EQUAL(progress.tip.last_id, "my_7");
  CAF_CHECK(progress.tip.last_time == at(now));
  CAF_CHECK(progress.tip.updated_at == at(now));
  CAF_CHECK(progress.tip.head == head);
}

CAF_TEST(status events set the status) {
  struct row {
    std::string type;
    session_status status;
    bool changed;
  };
  const row rows[] = {
      {"session.status_idle", session_status::idle, false},
      {"session.status_running", session_status::running, true},
      {"session.status_running", session_status::running, false},
      {"agent.message", session_status::running, false},
      {"session.thread_status_idle", session_status::running, false},
      {"session.error", session_status::running, false},
      {"session.status_rescheduled", session_status::rescheduling, true},
      {"session.status_running", session_status::running, true},
      {"session.status_idle", session_status::idle, true},
      {"session.status_rescheduled", session_status::rescheduling, true},
      {"session.updated", session_status::rescheduling, false},
      {"session.status_terminated", session_status::terminated, true},
  };
  CAF_CHECK(progress.status == session_status::idle);
  for (const auto& [type, status, changed] : rows) {
    CAF_MESSAGE(type);
    CAF_CHECK_EQUAL(apply(type), changed);
    CAF_CHECK(progress.status == status);
  }
}

CAF_TEST(a terminated session takes nothing) {
  now = 5;
  CAF_CHECK_EQUAL(append("session.status_terminated"), "ok");
  CAF_CHECK(progress.terminated_at == at(5));
  for (const auto* type :
       {"user.message", "agent.message", "session.status_running", "session.status_terminated", "vendor.x"})
    CAF_CHECK_EQUAL(append(type), "invalid: events[4]: the session is terminated");
}

CAF_TEST(time spent running is counted) {
  now = 1'000;
  apply("session.status_running");
  CAF_CHECK(progress.running_since == at(1'000));
  now = 1'500;
  apply("session.status_running");
  CAF_CHECK(progress.running_since == at(1'000));
  apply("session.status_rescheduled");
  CAF_CHECK(!progress.running_since);
  CAF_CHECK_EQUAL(progress.active_ms, 500);
  now = 9'000;
  apply("session.status_running");
  now = 9'250;
  apply("session.status_idle");
  CAF_CHECK_EQUAL(progress.active_ms, 750);
  apply("session.status_running");
  now = 10'000;
  apply("session.status_terminated");
  CAF_CHECK_EQUAL(progress.active_ms, 1'500);
  CAF_CHECK(!progress.running_since);
}

CAF_TEST(usage is the sum of model requests) {
  apply(
      "span.model_request_end",
      R"("model_usage":{"input_tokens":10,"output_tokens":20,"cache_read_input_tokens":30,"cache_creation_input_tokens":40})");
  CAF_CHECK(!apply("span.model_request_end", R"("model_usage":{"input_tokens":1,"output_tokens":2})"));
  apply("span.model_request_end");
  apply("session.usage", R"("usage":{"input_tokens":1000})");
  apply("span.outcome_evaluation_end",
        R"("usage":{"input_tokens":1000},"model_usage":{"input_tokens":1000})");
  CAF_CHECK((progress.tip.usage == token_usage{11, 22, 30, 40}));
}

CAF_TEST(what spans do not tell of usage is as the last snapshot said) {
  const std::string cost = R"({"amount":"0.5","currency":"USD"})";
  CAF_CHECK(
      apply("session.usage",
            R"("usage":{"cache_creation":{ "ephemeral_1h_input_tokens" : 3 },"list_cost":)" + cost + "}"));
  CAF_CHECK_EQUAL(progress.details.cache_creation, R"({"ephemeral_1h_input_tokens":3})");
  CAF_CHECK_EQUAL(progress.details.list_cost, cost);
  CAF_CHECK(
      apply("session.usage", R"("usage":{"server_tool_use":{"web_search_requests":1},"list_cost":null})"));
  CAF_CHECK_EQUAL(progress.details.server_tool_use, R"({"web_search_requests":1})");
  CAF_CHECK_EQUAL(progress.details.list_cost, cost);
  CAF_CHECK(!apply("session.usage", R"("usage":{"server_tool_use":{"web_search_requests":1}})"));
  CAF_MESSAGE("too long for a session object");
  CAF_CHECK(!apply("session.usage",
                   R"("usage":{"list_cost":{"amount":")" + std::string(max_usage_detail, '1') + "\"}}"));
  CAF_CHECK(!apply("session.usage", R"("usage":{"list_cost":7})"));
  CAF_CHECK_EQUAL(progress.details.list_cost, cost);
}

CAF_TEST(sums of usage stop at the largest number) {
  for (int i = 0; i < 2; ++i)
    apply("span.model_request_end",
          R"("model_usage":{"input_tokens":9223372036854775807,"output_tokens":1})");
  CAF_CHECK_EQUAL(progress.tip.usage.input_tokens, std::numeric_limits<std::int64_t>::max());
  CAF_CHECK_EQUAL(progress.tip.usage.output_tokens, 2);
}

CAF_TEST(uses wait for their answers) {
  struct row {
    std::string type;
    std::string members;
    std::string waiting;
  };
  const row rows[] = {
      {"agent.tool_use", "", "sevt_1?"},
      {"agent.tool_use", R"("evaluated_permission":"ask")", "sevt_1? sevt_2?"},
      {"agent.tool_use", R"("evaluated_permission":"allow")", "sevt_1? sevt_2? sevt_3"},
      {"agent.mcp_tool_use", R"("evaluated_permission":"deny")", "sevt_1? sevt_2? sevt_3 sevt_4"},
      {"agent.mcp_tool_use", "", "sevt_1? sevt_2? sevt_3 sevt_4 sevt_5?"},
      {"agent.custom_tool_use", "", "sevt_1? sevt_2? sevt_3 sevt_4 sevt_5? sevt_6"},
      {"user.tool_confirmation", R"("tool_use_id":"sevt_2","result":"allow")",
       "sevt_1? sevt_2 sevt_3 sevt_4 sevt_5? sevt_6"},
      {"user.tool_confirmation", R"("tool_use_id":"sevt_5","result":"deny")",
       "sevt_1? sevt_2 sevt_3 sevt_4 sevt_5 sevt_6"},
      {"agent.tool_result", R"("tool_use_id":"sevt_2")", "sevt_1? sevt_3 sevt_4 sevt_5 sevt_6"},
      {"agent.tool_result", R"("tool_use_id":"sevt_2")", "sevt_1? sevt_3 sevt_4 sevt_5 sevt_6"},
      {"agent.tool_result", R"("tool_use_id":"toolu_unknown")", "sevt_1? sevt_3 sevt_4 sevt_5 sevt_6"},
      {"agent.tool_result", "", "sevt_1? sevt_3 sevt_4 sevt_5 sevt_6"},
      {"user.tool_result", R"("tool_use_id":"sevt_3")", "sevt_1? sevt_4 sevt_5 sevt_6"},
      {"user.tool_result", R"("tool_use_id":"sevt_1")", "sevt_4 sevt_5 sevt_6"},
      {"agent.mcp_tool_result", R"("mcp_tool_use_id":"sevt_4")", "sevt_5 sevt_6"},
      {"user.custom_tool_result", R"("custom_tool_use_id":"sevt_6")", "sevt_5"},
      {"session.status_idle", R"("stop_reason":{"type":"requires_action"})", "sevt_5"},
      {"session.status_running", "", "sevt_5"},
      {"session.status_idle", R"("stop_reason":{"type":"end_turn"})", ""},
      {"agent.custom_tool_use", "", "sevt_20"},
      {"session.status_idle", "", ""},
      {"agent.custom_tool_use", "", "sevt_22"},
      {"session.status_terminated", "", ""},
  };
  for (const auto& [type, members, expected] : rows) {
    CAF_MESSAGE(type + " " + members);
    CAF_CHECK_EQUAL(append(type, members), "ok");
    CAF_CHECK_EQUAL(waiting(), expected);
  }
}

CAF_TEST(answers of clients must name a use that waits for them) {
  append("agent.tool_use");                                       // sevt_1
  append("agent.mcp_tool_use");                                   // sevt_2
  append("agent.custom_tool_use");                                // sevt_3
  append("agent.tool_use", R"("evaluated_permission":"allow")");  // sevt_4
  const std::string no_confirmation =
      "invalid: events[4].tool_use_id: no agent.tool_use or agent.mcp_tool_use with this id waits for a "
      "confirmation: ";
  const std::string no_result =
      "invalid: events[4].tool_use_id: no agent.tool_use with this id waits for a result: ";
  const std::string no_custom =
      "invalid: events[4].custom_tool_use_id: no agent.custom_tool_use with this id waits for a result: ";
  struct row {
    std::string type;
    std::string field;
    std::string id;
    std::string outcome;
  };
  const row rows[] = {
      {"user.tool_confirmation", "tool_use_id", "sevt_9", no_confirmation + "\"sevt_9\""},
      {"user.tool_confirmation", "tool_use_id", "sevt_3", no_confirmation + "\"sevt_3\""},
      {"user.tool_confirmation", "tool_use_id", "sevt_4", no_confirmation + "\"sevt_4\""},
      {"user.tool_confirmation", "tool_use_id", "sevt_1", "ok"},
      {"user.tool_confirmation", "tool_use_id", "sevt_1", no_confirmation + "\"sevt_1\""},
      {"user.tool_confirmation", "tool_use_id", "sevt_2", "ok"},
      {"user.tool_result", "tool_use_id", "", no_result + "\"\""},
      {"user.tool_result", "tool_use_id", "sevt_2", no_result + "\"sevt_2\""},
      {"user.tool_result", "tool_use_id", "sevt_3", no_result + "\"sevt_3\""},
      {"user.tool_result", "tool_use_id", "sevt_1", "ok"},
      {"user.tool_result", "tool_use_id", "sevt_1", no_result + "\"sevt_1\""},
      {"user.tool_result", "tool_use_id", "sevt_4", "ok"},
      {"user.custom_tool_result", "custom_tool_use_id", "sevt_2", no_custom + "\"sevt_2\""},
      {"user.custom_tool_result", "custom_tool_use_id", "sevt_3", "ok"},
      {"user.custom_tool_result", "custom_tool_use_id", "sevt_3", no_custom + "\"sevt_3\""},
  };
  for (const auto& [type, field, id, expected] : rows) {
    CAF_MESSAGE(type + " " + id);
    CAF_CHECK_EQUAL(append(type, "\"" + field + "\":\"" + id + "\",\"result\":\"allow\""), expected);
  }
}

CAF_TEST(uses that wait tell their tools) {
  apply("agent.tool_use", R"("name":"bash","input":{"name":"no"})");
  apply("agent.mcp_tool_use", R"("mcp_server_name":"m","name":"search")");
  apply("agent.custom_tool_use", R"("content":{"name":"look_up","input":{}})");
  apply("agent.tool_use", R"("name":")" + std::string(max_tool_name - 1, 'x') + "\u00e9\"");
  apply("agent.tool_use", R"("name":7)");
  std::vector<std::string> names;
  for (const auto& use : progress.pending) names.push_back(use.name);
  const std::vector<std::string> expected{"bash", "search", "look_up", std::string(max_tool_name - 1, 'x'),
                                          ""};
  CAF_CHECK_EQUAL(names, expected);
}

CAF_TEST(answers that were given are known) {
  const auto answer = [](const std::string& type, const std::string& members) {
    return facts_of(R"({"id":"x_1","type":")" + type + "\"," + members +
                    R"(,"processed_at":"2026-01-01T00:00:00Z"})");
  };
  const auto give = [&](const event_facts& facts) {
    progress.apply(facts, progress.tip.last_seq + 1, "x", at(now), digest{});
  };
  apply("agent.custom_tool_use");
  const auto result = answer("user.custom_tool_result", R"("custom_tool_use_id":"sevt_1","content":[])");
  CAF_CHECK_EQUAL(progress.find_answer(result), 0u);
  give(result);
  CAF_CHECK_EQUAL(progress.find_answer(result), 2u);
  CAF_MESSAGE("not others, nor what is no client's answer");
  CAF_CHECK_EQUAL(progress.find_answer(
                      answer("user.custom_tool_result", R"("custom_tool_use_id":"sevt_1","content":[1])")),
                  0u);
  CAF_CHECK_EQUAL(
      progress.find_answer(answer("user.tool_result", R"("custom_tool_use_id":"sevt_1","content":[])")), 0u);
  const auto own = answer("agent.tool_result", R"("tool_use_id":"sevt_1","content":[])");
  give(own);
  CAF_CHECK_EQUAL(progress.find_answer(own), 0u);
  CAF_MESSAGE("nor what was erased");
  const auto erased = answer("user.tool_result", R"("tool_use_id":"sevt_7","content":["secret"])");
  give(erased);
  CAF_CHECK(progress.find_answer(erased) != 0);
  progress.forget(erased, "x");
  CAF_CHECK_EQUAL(progress.find_answer(erased), 0u);
  CAF_CHECK(!facts_of(R"({"id":"x_1","type":"user.tool_result","redacted":{"at":"2026-01-01T00:00:00.000Z",)"
                      R"("reason":null},"processed_at":"2026-01-01T00:00:00Z"})")
                 .says);
  CAF_MESSAGE("the last 256");
  for (std::size_t i = 0; i < session_progress::max_answers - 1; ++i)
    give(answer("user.tool_result", R"("tool_use_id":")" + std::to_string(i) + '"'));
  CAF_CHECK_EQUAL(progress.find_answer(result), 2u);
  give(answer("user.tool_result", R"("tool_use_id":"x")"));
  CAF_CHECK_EQUAL(progress.find_answer(result), 0u);
  CAF_CHECK_EQUAL(progress.answers.size(), session_progress::max_answers);
}

CAF_TEST(a draft says what its event says) {
  const auto body =
      R"({"events":[{"content" : [ {"type" : "text", "text":"a"} ],"tool_use_id":"sevt_1","type":"user.tool_result"}]})";
  const auto parsed = parse_send_request(body, role::client, {});
  CAF_REQUIRE_EQUAL(outcome_of(parsed), "ok");
  const auto& draft = parsed->events.at(0);
  const auto stored = facts_of(render_event(draft, "sevt_2", "2026-01-01T00:00:00Z"));
  CAF_REQUIRE(draft.facts.says && stored.says);
  CAF_CHECK(*draft.facts.says == *stored.says);
}

CAF_TEST(the oldest of too many uses is forgotten) {
  for (std::size_t i = 0; i < session_progress::max_pending + 2; ++i) apply("agent.custom_tool_use");
  CAF_CHECK_EQUAL(progress.pending.size(), session_progress::max_pending);
  CAF_CHECK_EQUAL(progress.pending.front().id, "sevt_3");
  CAF_CHECK_EQUAL(progress.pending.back().id, "sevt_10002");
}

CAF_TEST(outcomes follow their evaluations) {
  struct row {
    std::string type;
    std::string members;
    /// Of outc_1.
    std::string result;
    bool changed;
  };
  const row rows[] = {
      {"user.define_outcome", R"("description":"d1","outcome_id":"outc_1")", "pending", true},
      {"session.status_running", "", "running", true},
      {"user.define_outcome", R"("description":"d2","outcome_id":"outc_2")", "running", true},
      {"span.outcome_evaluation_start", R"("outcome_id":"outc_1","iteration":0)", "evaluating", true},
      {"span.outcome_evaluation_ongoing", R"("outcome_id":"outc_1","iteration":0)", "evaluating", false},
      {"span.outcome_evaluation_ongoing", R"("outcome_id":"outc_9","iteration":5)", "evaluating", false},
      {"span.outcome_evaluation_end",
       R"("outcome_id":"outc_1","iteration":0,"result":"needs_revision","explanation":"more")", "running",
       true},
      {"span.outcome_evaluation_start", R"("outcome_id":"outc_1","iteration":1)", "evaluating", true},
      {"span.outcome_evaluation_end",
       R"("outcome_id":"outc_1","iteration":1,"result":"satisfied","explanation":"done")", "satisfied", true},
  };
  for (const auto& [type, members, outcome, changed] : rows) {
    CAF_MESSAGE(type + " " + members);
    now += 10;
    CAF_CHECK_EQUAL(apply(type, members), changed);
    CAF_CHECK_EQUAL(progress.outcomes.front().result, outcome);
    CAF_CHECK_EQUAL(progress.outcomes.front().completed_at.has_value(), outcome == "satisfied");
  }
  CAF_REQUIRE_EQUAL(progress.outcomes.size(), std::size_t{2});
  const auto& first = progress.outcomes.front();
  CAF_CHECK_EQUAL(first.id, "outc_1");
  CAF_CHECK_EQUAL(first.description, "d1");
  CAF_CHECK_EQUAL(first.explanation, "done");
  CAF_CHECK_EQUAL(first.iteration, 1);
  CAF_CHECK(first.completed_at == at(90));
  CAF_CHECK_EQUAL(progress.outcomes.back().result, "pending");
}

CAF_TEST(final verdicts end an outcome) {
  for (const std::string verdict : {"satisfied", "max_iterations_reached", "failed", "interrupted"}) {
    progress = {};
    apply("user.define_outcome", R"("outcome_id":"outc_1")");
    apply("span.outcome_evaluation_end", R"("outcome_id":"outc_1","result":")" + verdict + "\"");
    CAF_CHECK_EQUAL(progress.outcomes.front().result, verdict);
    CAF_CHECK(progress.outcomes.front().completed_at == at(0));
  }
}

CAF_TEST(the oldest of too many outcomes is forgotten) {
  for (std::size_t i = 0; i <= session_progress::max_outcomes; ++i)
    apply("user.define_outcome", R"("outcome_id":"outc_)" + std::to_string(i) + "\"");
  CAF_CHECK_EQUAL(progress.outcomes.size(), session_progress::max_outcomes);
  CAF_CHECK_EQUAL(progress.outcomes.front().id, "outc_1");
}

CAF_TEST(outcomes hold a bounded amount of text) {
  const auto define = [&](int n, std::size_t size) {
    apply("user.define_outcome", R"("outcome_id":"outc_)" + std::to_string(n) + R"(","description":")" +
                                     std::string(size, 'd') + "\"");
  };
  for (int i = 0; i < 10; ++i) define(i, 10'000);
  CAF_CHECK_EQUAL(progress.outcomes.size(), std::size_t{6});
  CAF_CHECK_EQUAL(progress.outcomes.front().id, "outc_4");
  define(10, 1'000'000);
  CAF_CHECK_EQUAL(progress.outcomes.back().id, "outc_10");
  CAF_CHECK_EQUAL(progress.outcomes.back().description.size(), session_progress::max_outcome_text / 2);
  apply("span.outcome_evaluation_end", R"("outcome_id":"outc_10","result":"needs_revision","explanation":")" +
                                           std::string(1'000'000, 'e') + "\"");
  CAF_REQUIRE_EQUAL(progress.outcomes.size(), std::size_t{1});
  CAF_CHECK_EQUAL(progress.outcomes.front().explanation.size(), session_progress::max_outcome_text / 2);
}

CAF_TEST(the text of an erased event is forgotten and nothing else) {
  apply("agent.tool_use", R"("name":"secret_tool")");
  apply("user.define_outcome", R"("outcome_id":"outc_1","description":"secret aim")");
  apply("user.define_outcome", R"("outcome_id":"outc_2","description":"other aim")");
  apply("span.outcome_evaluation_end",
        R"("outcome_id":"outc_1","result":"satisfied","explanation":"secret reason","iteration":2)");
  apply("session.usage", R"("usage":{"server_tool_use":{"n":1},"list_cost":{"usd":"1"}})");
  auto expected = progress;
  expected.pending[0].name.clear();
  progress.forget(facts("agent.tool_use", R"("name":"secret_tool")"), "sevt_1");
  CAF_CHECK(progress == expected);
  expected.outcomes[0].description.clear();
  progress.forget(facts("user.define_outcome", R"("outcome_id":"outc_1","description":"secret aim")"),
                  "sevt_2");
  CAF_CHECK(progress == expected);
  CAF_MESSAGE("an earlier evaluation than the one that is told");
  progress.forget(facts("span.outcome_evaluation_end", R"("outcome_id":"outc_1","explanation":"before")"),
                  "sevt_9");
  CAF_CHECK(progress == expected);
  expected.outcomes[0].explanation.clear();
  progress.forget(
      facts("span.outcome_evaluation_end", R"("outcome_id":"outc_1","explanation":"secret reason")"),
      "sevt_4");
  CAF_CHECK(progress == expected);
  expected.details.server_tool_use.clear();
  progress.forget(facts("session.usage", R"("usage":{"server_tool_use":{"n":1},"list_cost":{"usd":"2"}})"),
                  "sevt_5");
  CAF_CHECK(progress == expected);
  CAF_CHECK_EQUAL(session_progress::decode(progress.encode())->encode().find("secret"), std::string::npos);
}

CAF_TEST(what is forgotten is in no memory that is kept) {
  const std::string secret = "a secret that is longer than a string keeps in itself";
  apply("agent.tool_use", R"("name":"short")");
  apply("session.status_idle", R"("stop_reason":{"type":"end_turn"})");
  apply("session.usage", R"("usage":{"list_cost":{"usd":")" + secret + R"("}})");
  progress.forget(facts("agent.tool_use", R"("name":"short")"), "sevt_1");
  CAF_MESSAGE("a tool use that was taken out may stand behind the end");
  CAF_CHECK_EQUAL(progress.pending.capacity(), progress.pending.size());
  auto& kept = progress.details.list_cost;
  CAF_REQUIRE(kept.find(secret) != kept.npos);
  progress.forget(facts("session.usage", R"("usage":{"list_cost":{"usd":")" + secret + R"("}})"), "sevt_3");
  CAF_CHECK(kept.empty());
  const std::string_view behind_its_end{kept.data(), kept.capacity()};
  CAF_CHECK_EQUAL(behind_its_end.find("secret"), std::string_view::npos);
}

CAF_TEST(a text that is too long to be kept whole is forgotten whole) {
  // Cut within a character, too.
  for (const std::string_view end : {"", "x"}) {
    std::string long_text{end};
    while (long_text.size() < session_progress::max_outcome_text) long_text += "\u00e4 secret";
    const auto id = R"("outcome_id":"outc_1)" + std::string{end} + '"';
    const auto defined = id + R"(,"description":")" + long_text + '"';
    const auto judged = id + R"(,"result":"satisfied","explanation":")" + long_text + '"';
    apply("user.define_outcome", defined);
    apply("span.outcome_evaluation_end", judged);
    CAF_CHECK(!progress.outcomes.back().description.empty());
    CAF_CHECK(!progress.outcomes.back().explanation.empty());
    progress.forget(facts("span.outcome_evaluation_end", judged), "sevt_2");
    CAF_CHECK_EQUAL(progress.outcomes.back().explanation, "");
    progress.forget(facts("user.define_outcome", defined), "sevt_1");
    CAF_CHECK_EQUAL(progress.outcomes.back().description, "");
  }
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace
