// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE log_fold
#include "events/session/log_fold.hpp"

#include "events/event/tombstone.hpp"
#include "test/unit/events/expect.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <vector>

namespace {

using namespace sandbase;
using testing::outcome_of;

std::string event(std::string_view type, int second, std::string_view payload = {}) {
  const auto digits = std::to_string(second);
  return R"({"id":"sevt_)" + digits + R"(","type":")" + std::string{type} + '"' + std::string{payload} +
         R"(,"processed_at":"2026-05-29T10:00:0)" + digits + R"(.000Z"})";
}

struct log_fixture {
  std::vector<std::string> jsons{
      event("session.status_running", 1), event("agent.tool_use", 2, R"(,"name":"search")"),
      event("user.tool_result", 3, R"(,"tool_use_id":"sevt_2")"), event("session.status_idle", 4)};
  std::vector<event_proof> salts;
  std::vector<digest> heads;

  log_fixture() {
    digest head{};
    for (const auto& json : jsons) {
      salts.push_back(event_proof::make_salt());
      heads.push_back(head = next_head(head, salts.back().leaf_of(json)));
    }
  }
  const std::string& json(seq_t seq) const { return jsons[seq - 1]; }
  const event_proof& salt(seq_t seq) const { return salts[seq - 1]; }
  const digest& head(seq_t seq) const { return heads[seq - 1]; }
  /// Of the whole log up to `seq`.
  session_progress progress(seq_t seq) const {
    log_fold fold;
    for (seq_t i = 1; i <= seq; ++i)
      CAF_REQUIRE_EQUAL(outcome_of(fold.take(i, json(i), salt(i), head(i))), "ok");
    return fold.progress();
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(log_fold, log_fixture)

CAF_TEST(a log is folded from its first event on) {
  sandbase::log_fold fold;
  const auto first = fold.take(1, json(1), salt(1), head(1));
  CAF_REQUIRE_EQUAL(outcome_of(first), "ok");
  CAF_CHECK_EQUAL(std::string{first->id}, "sevt_1");
  CAF_CHECK(first->type == event_type::session_status_running);
  CAF_CHECK(fold.progress().status == session_status::running);
  CAF_CHECK_EQUAL(outcome_of(fold.take(2, json(2), salt(2), head(2))), "ok");
  CAF_REQUIRE_EQUAL(fold.progress().pending.size(), 1u);
  CAF_CHECK_EQUAL(fold.progress().pending.front().name, "search");
  CAF_CHECK_EQUAL(outcome_of(fold.take(3, json(3), salt(3), head(3))), "ok");
  CAF_CHECK(fold.progress().pending.empty());
  CAF_CHECK_EQUAL(outcome_of(fold.take(4, json(4), salt(4), head(4))), "ok");
  const auto& tip = fold.progress().tip;
  CAF_CHECK(fold.progress().status == session_status::idle);
  CAF_CHECK_EQUAL(fold.progress().active_ms, 3000);
  CAF_CHECK_EQUAL(tip.last_seq, 4u);
  CAF_CHECK_EQUAL(tip.last_id, "sevt_4");
  CAF_CHECK_EQUAL(format_exact_time(tip.last_time), "2026-05-29T10:00:04.000Z");
  CAF_CHECK(tip.head == head(4));
}

CAF_TEST(heads are computed where none are kept) {
  sandbase::log_fold fold;
  for (seq_t seq = 1; seq <= 4; ++seq) {
    CAF_CHECK_EQUAL(outcome_of(fold.take(seq, json(seq), salt(seq))), "ok");
    CAF_CHECK(fold.head() == head(seq));
    CAF_CHECK(fold.progress().tip.head == head(seq));
  }
  CAF_CHECK(fold.progress() == progress(4));
}

CAF_TEST(from a known progress on the rest gives what the whole gives) {
  for (seq_t at = 0; at <= 4; ++at)
    for (auto known = at; known <= 4; ++known) {
      CAF_MESSAGE("behind event " << at << ", known up to " << known);
      sandbase::log_fold fold{at, at == 0 ? digest{} : head(at), progress(known)};
      for (auto seq = at + 1; seq <= 4; ++seq) {
        CAF_CHECK_EQUAL(outcome_of(fold.take(seq, json(seq), salt(seq), head(seq))), "ok");
        CAF_CHECK_EQUAL(fold.last_seq(), seq);
        CAF_CHECK(fold.progress() == progress(std::max(known, seq)));
      }
    }
}

CAF_TEST(a head that is not known is believed of the first event only) {
  sandbase::log_fold fold{1, std::nullopt, progress(1)};
  CAF_CHECK_EQUAL(outcome_of(fold.take(2, json(2), salt(2), head(2))), "ok");
  CAF_CHECK_EQUAL(outcome_of(fold.take(3, json(3), salt(3), head(4))),
                  "corrupt: event 3 does not fit the hash chain");
}

CAF_TEST(an event that is not the one the known progress ends with is found) {
  auto other = progress(2);
  other.tip.head = head(3);
  sandbase::log_fold fold{1, head(1), other};
  CAF_CHECK_EQUAL(outcome_of(fold.take(2, json(2), salt(2), head(2))),
                  "corrupt: event 2: its hash chain is not the one in the session's header");
}

CAF_TEST(an erased event keeps its place and its head) {
  const auto leaf = event_proof::from_leaf(salt(2).leaf_of(json(2)));
  const auto tombstone = *render_tombstone(json(2), timestamp{}, "a key");
  sandbase::log_fold fold;
  CAF_CHECK_EQUAL(outcome_of(fold.take(1, json(1), salt(1), head(1))), "ok");
  const auto event = fold.take(2, tombstone, leaf, head(2));
  CAF_REQUIRE_EQUAL(outcome_of(event), "ok");
  CAF_CHECK_EQUAL(std::string{event->id}, "sevt_2");
  CAF_CHECK(event->type == event_type::agent_tool_use);
  CAF_CHECK_EQUAL(fold.progress().pending.front().name, "");
  for (seq_t seq = 3; seq <= 4; ++seq)
    CAF_CHECK_EQUAL(outcome_of(fold.take(seq, json(seq), salt(seq), head(seq))), "ok");
  CAF_CHECK(fold.progress() == progress(4));
}

CAF_TEST(without its payload an event tells its type) {
  sandbase::log_fold fold;
  seq_t seq = 0;
  digest head{};
  const auto take_erased = [&](std::string_view type) {
    const auto whole = event(type, static_cast<int>(++seq), R"(,"outcome_id":"outc_1","description":"d")");
    const auto leaf = event_proof::make_salt().leaf_of(whole);
    head = next_head(head, leaf);
    const auto shown = *render_tombstone(whole, timestamp{}, "");
    CAF_CHECK_EQUAL(outcome_of(fold.take(seq, shown, event_proof::from_leaf(leaf), head)), "ok");
  };
  take_erased("session.status_running");
  const auto& lacks = fold.untold();
  CAF_CHECK(!lacks.usage && !lacks.details && !lacks.pending && !lacks.outcomes);
  CAF_CHECK(fold.progress().status == session_status::running);
  take_erased("user.define_outcome");
  CAF_CHECK(fold.progress().outcomes.empty());
  CAF_CHECK(lacks.outcomes && !lacks.pending);
  take_erased("user.tool_result");
  CAF_CHECK(lacks.pending && !lacks.usage && !lacks.details);
  take_erased("span.model_request_end");
  take_erased("session.usage");
  CAF_CHECK(lacks.usage && lacks.details);
  take_erased("session.status_terminated");
  CAF_CHECK(fold.progress().status == session_status::terminated);
}

CAF_TEST(an erased idle that waited ends no turn) {
  const auto pending_behind = [](std::string_view stop_reason) {
    sandbase::log_fold fold;
    const auto use = event("agent.custom_tool_use", 1);
    CAF_CHECK_EQUAL(outcome_of(fold.take(1, use, event_proof::make_salt())), "ok");
    const auto idle =
        event("session.status_idle", 2, R"(,"stop_reason":{"type":")" + std::string{stop_reason} + "\"}");
    const auto leaf = event_proof::from_leaf(event_proof::make_salt().leaf_of(idle));
    CAF_CHECK_EQUAL(outcome_of(fold.take(2, *render_tombstone(idle, timestamp{}, ""), leaf)), "ok");
    CAF_CHECK(fold.progress().status == session_status::idle);
    return fold.progress().pending.size();
  };
  CAF_CHECK_EQUAL(pending_behind("requires_action"), 1u);
  CAF_CHECK_EQUAL(pending_behind("end_turn"), 0u);
}

CAF_TEST(a leaf proves no payload) {
  const auto leaf = event_proof::from_leaf(salt(1).leaf_of(json(1)));
  sandbase::log_fold fold;
  CAF_CHECK_EQUAL(outcome_of(fold.take(1, json(1), leaf, head(1))),
                  "corrupt: event 1: its payload is not covered by the hash chain");
}

CAF_TEST(what is no log is named by its place) {
  sandbase::log_fold gap;
  CAF_CHECK_EQUAL(outcome_of(gap.take(2, json(2), salt(2), head(2))),
                  "corrupt: event 2 stands behind event 0");
  sandbase::log_fold changed;
  CAF_CHECK_EQUAL(outcome_of(changed.take(1, json(2), salt(1), head(1))),
                  "corrupt: event 1 does not fit the hash chain");
  CAF_CHECK(changed.progress() == session_progress{});
  const std::string formless = R"({"type":"agent.message"})";
  sandbase::log_fold fold;
  const auto refused = fold.take(1, formless, salt(1), next_head({}, salt(1).leaf_of(formless)));
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::corrupt);
  CAF_CHECK(refused.error().message.starts_with("event 1: not a stored event: "));
}

CAF_TEST_FIXTURE_SCOPE_END()
