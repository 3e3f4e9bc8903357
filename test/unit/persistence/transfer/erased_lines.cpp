// SPDX-License-Identifier: Apache-2.0
// Files of sessions whose events were erased in part: the session object is the same behind an import,
// whatever the log does not tell any more.
#define CAF_SUITE erased_lines
#include "events/base/hex.hpp"
#include "events/event/tombstone.hpp"
#include "test/unit/persistence/support/transfer_fixture.hpp"

using namespace sandbase;
using namespace sandbase::test;

namespace {

/// A session as its actor would keep it.
struct history {
  session_header header;
  std::vector<std::string> jsons;
  std::vector<event_proof> proofs;
  timestamp now;

  explicit history(timestamp at) : now(at) {
    header.definition = parse_import_header(first_header)->definition;
    header.definition.edit().created_at = test_time;
  }
  void add(std::string_view type, const std::string& members = {}) {
    const auto seq = jsons.size() + 1;
    const auto time = test_time + std::chrono::seconds{static_cast<std::int64_t>(seq)};
    const auto id = "msg_" + std::to_string(seq);
    jsons.push_back(R"({"id":")" + id + R"(","type":")" + std::string{type} + '"' +
                    (members.empty() ? "" : "," + members) + R"(,"processed_at":")" + format_timestamp(time) +
                    "\"}");
    proofs.push_back(event_proof::make_salt());
    auto& progress = header.progress;
    const auto head = next_head(progress.tip.head, proofs.back().leaf_of(jsons.back()));
    progress.apply(facts_of(jsons.back()), seq, id, time, head);
  }
  void erase(std::size_t n) {
    auto& json = jsons[n - 1];
    header.progress.forget(facts_of(json), "msg_" + std::to_string(n));
    proofs[n - 1] = event_proof::from_leaf(proofs[n - 1].leaf_of(json));
    json = *render_tombstone(json, now, "a key");
    add("session.event_redacted", R"("event_id":"msg_)" + std::to_string(n) + '"');
  }
  std::string first_line() const { return render_header_line(header, "elsewhere", now); }
  std::string events() const {
    std::string text;
    for (std::size_t i = 0; i < jsons.size(); ++i)
      text += R"({"event":)" + jsons[i] + (proofs[i].is_leaf() ? R"(,"leaf":")" : R"(,"salt":")") +
              to_hex(proofs[i].bytes()) + "\"}\n";
    return text;
  }
  std::string text() const { return first_line() + events(); }
};

constexpr std::size_t events_of_a_turn = 16;

struct fixture : transfer_fixture {
  history a_turn() const {
    history h{now};
    h.add("session.status_running");
    h.add("agent.tool_use", R"("name":"search","evaluated_permission":"ask")");
    h.add("session.status_idle", R"("stop_reason":{"type":"requires_action"})");
    h.add("user.tool_confirmation", R"("tool_use_id":"msg_2","result":"allow")");
    h.add("session.status_running");
    h.add("agent.tool_result", R"("tool_use_id":"msg_2","content":[])");
    h.add("agent.custom_tool_use", R"("name":"ask")");
    h.add("user.custom_tool_result", R"("custom_tool_use_id":"msg_7","content":[])");
    h.add("user.define_outcome", R"("description":"aim","outcome_id":"outc_1")");
    h.add("span.model_request_end", R"("model_usage":{"input_tokens":7,"output_tokens":5})");
    h.add("span.outcome_evaluation_start", R"("outcome_id":"outc_1","iteration":1)");
    h.add("span.outcome_evaluation_end",
          R"("outcome_id":"outc_1","iteration":1,"result":"satisfied","explanation":"done")");
    h.add("session.usage", R"("usage":{"list_cost":{"usd":"1"},"cache_creation":{"a":1}})");
    h.add("session.usage", R"("usage":{"list_cost":{"usd":"2"},"server_tool_use":{"n":1}})");
    h.add("agent.custom_tool_use", R"("name":"wait")");
    h.add("session.status_idle", R"("stop_reason":{"type":"requires_action"})");
    CAF_CHECK_EQUAL(h.jsons.size(), events_of_a_turn);
    return h;
  }
  /// Imports it into a new store and gives what that exports.
  std::string round_trip(const history& h) {
    use("store" + std::to_string(++stores_) + ".db");
    const auto text = h.text();
    CAF_REQUIRE_EQUAL(errors(text), std::vector<std::string>{});
    CAF_CHECK_EQUAL(errors(text), std::vector<std::string>{});  // which finds it there
    check();
    return export_all();
  }
  /// Of an import whose first line has `with` in place of `what`.
  std::string refusal_of(const history& h, const std::string& what, const std::string& with) {
    auto text = h.text();
    const auto at = text.find(what);
    CAF_REQUIRE(at != text.npos);
    return refusal(text.replace(at, what.size(), with));
  }

 private:
  int stores_ = 0;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(erased_lines_tests, fixture)

CAF_TEST(whatever is erased the session object is the same behind an import) {
  for (std::size_t n = 1; n <= events_of_a_turn; ++n) {
    CAF_MESSAGE("event " << n);
    auto h = a_turn();
    h.erase(n);
    CAF_CHECK_EQUAL(round_trip(h), h.text());
  }
  CAF_MESSAGE("all of them");
  auto h = a_turn();
  for (std::size_t n = 1; n <= events_of_a_turn; ++n) h.erase(n);
  CAF_CHECK_EQUAL(round_trip(h), h.text());
}

CAF_TEST(what the events still tell is not what the file says) {
  auto h = a_turn();
  h.erase(1);
  auto text = h.text();
  const std::string told = R"("input_tokens":7)";
  text.replace(text.find(told), told.size(), R"("input_tokens":8)");
  CAF_REQUIRE(import(text));
  CAF_CHECK_EQUAL(export_all(), h.text());
}

CAF_TEST(what contradicts the events is refused) {
  auto h = a_turn();
  h.add("span.model_request_end", R"("model_usage":{"input_tokens":2})");
  h.add("agent.custom_tool_use", R"("name":"more")");
  for (const std::size_t n : {8u, 10u, 12u, 13u}) h.erase(n);
  const auto refused = [&](const std::string& what, const std::string& with, const std::string& why) {
    CAF_CHECK_EQUAL(refusal_of(h, what, with), "line 1: session." + why);
  };
  const std::string no_use = "is that of no event that waits, in the order of the log";
  refused(R"("pending":[{"id":"msg_15")", R"("pending":[{"id":"msg_14")", "pending[0].id: " + no_use);
  refused(R"({"id":"msg_15")", R"({"id":"msg_18"},{"id":"msg_15")", "pending[1].id: " + no_use);
  refused(R"("pending":[{"id")", R"("pending":[{"other")", "pending[0].id: is required");
  refused(R"("input_tokens":9)", R"("input_tokens":1)", "usage.input_tokens: must be an integer from 2 on");
  refused(R"("list_cost":{"usd":"2"})", R"("list_cost":2)", "usage.list_cost: must be an object");
  refused(R"("list_cost":{)", R"("list_cost":{"x":")" + std::string(300, 'x') + "\",",
          "usage.list_cost: must have at most 256 bytes");
  refused(R"("result":"satisfied")", R"("result":"good")",
          "outcome_evaluations[0].result: is none that a session object shows");
  refused(R"("explanation":null)", R"("explanation":")" + std::string(70'000, 'x') + '"',
          "outcome_evaluations: are more than a session object shows");
}

CAF_TEST(a file that does not tell it is taken as far as its events tell) {
  auto h = a_turn();
  for (const std::size_t n : {8u, 9u, 10u, 14u}) h.erase(n);
  const auto bare =
      R"({"session":{"id":"sess_a","agent":"agent_1","environment_id":"env_1"},"workspace":"w"})";
  CAF_REQUIRE(import(bare + ("\n" + h.events())));
  const auto row = admin->find_sessions("sess_a")->front();
  const auto& progress = row.header.progress;
  CAF_CHECK_EQUAL(progress.pending.size(), 2u);
  CAF_CHECK_EQUAL(progress.tip.usage.input_tokens, 0);
  CAF_CHECK_EQUAL(progress.details.list_cost, R"({"usd":"1"})");
  CAF_CHECK(progress.outcomes.empty());
  CAF_CHECK(progress.status == session_status::idle);
  check();
}

CAF_TEST(of more uses than are shown the oldest are as they were) {
  history h{now};
  for (std::size_t n = 1; n <= max_pending_shown + 5; ++n) h.add("agent.custom_tool_use");
  for (const std::size_t n : {3u, 102u})
    h.add("user.custom_tool_result", R"("custom_tool_use_id":"msg_)" + std::to_string(n) + "\"");
  for (const std::size_t n : {106u, 107u}) h.erase(n);
  CAF_CHECK_EQUAL(round_trip(h), h.text());
  CAF_CHECK_EQUAL(admin->find_sessions("sess_a")->front().header.progress.pending.size(),
                  max_pending_shown + 4);
}

CAF_TEST_FIXTURE_SCOPE_END()
