// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE session_redact
#include "test/unit/actors/support/service_fixture.hpp"

#include <algorithm>

using namespace sandbase;
using namespace sandbase::test;

namespace {

const std::string secret = "sk-live-0123456789";

struct redact_fixture : service_fixture {
  std::string id = create();
  session_actor s = look_up(id);

  static std::string id_of(const log_slice& slice, seq_t seq) {
    for (const auto& span : slice.spans)
      if (seq >= span.first && seq <= span.last) return std::string{span.block->id(seq)};
    CAF_FAIL("no event " << seq);
  }
  static std::string json_of(const event_redacted& done) {
    return std::string{done.shown.block->json(done.shown.first)};
  }
  event_redacted redact(const std::string& event, const std::string& reason = "a key") {
    return must<event_redacted>(s, redact_event{event, reason});
  }
  bool is_shown() {
    const auto log = replay(s);
    return std::ranges::any_of(log, [](const auto& json) { return json.find(secret) != json.npos; });
  }
  /// Everything sealed and nothing held in memory.
  void retire() {
    caf::anon_send(s, retire_now{});
    run();
    s = look_up(id);
  }
  session_header header() { return *must<session_view>(s, describe_request{}).header; }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(session_redact_tests, redact_fixture)

CAF_TEST(the tombstone is shown from the answer on and the log tells of it) {
  append_text(s, "before");
  const auto stored = append_text(s, secret);
  append_text(s, "after");
  const auto before = header().progress.tip;
  const auto event = id_of(stored, 2);
  const auto shown = json_of(redact(event));
  CAF_CHECK(shown.find(R"("redacted":{"at":")") != shown.npos);
  CAF_CHECK(shown.find(R"(,"reason":"a key"},"processed_at":")") != shown.npos);
  CAF_CHECK(!is_shown());
  const auto log = replay(s);
  CAF_REQUIRE_EQUAL(log.size(), 4u);
  CAF_CHECK_EQUAL(log[1], shown);
  CAF_CHECK(log[3].find(R"("type":"session.event_redacted","event_id":")" + event + '"') != log[3].npos);
  CAF_CHECK_EQUAL(header().progress.tip.last_seq, before.last_seq + 1);
  CAF_CHECK(faults_found().empty());
  CAF_MESSAGE("and after a restart");
  restart();
  s = look_up(id);
  CAF_CHECK_EQUAL(replay(s), log);
}

CAF_TEST(again is the same answer and stores nothing) {
  const auto event = id_of(append_text(s, secret), 1);
  const auto first = json_of(redact(event, ""));
  CAF_CHECK(first.find(R"("reason":null)") != first.npos);
  CAF_CHECK_EQUAL(json_of(redact(event, "another")), first);
  retire();
  CAF_CHECK_EQUAL(json_of(redact(event, "another")), first);
  CAF_CHECK_EQUAL(replay(s).size(), 2u);
}

CAF_TEST(two at once are one) {
  const auto event = id_of(append_text(s, secret), 1);
  auto first = ask<event_redacted>(s, redact_event{event, "one"});
  auto second = ask<event_redacted>(s, redact_event{event, "two"});
  run();
  CAF_REQUIRE(*first);
  CAF_REQUIRE(*second);
  CAF_CHECK_EQUAL(json_of(*first->value), json_of(*second->value));
  CAF_CHECK_EQUAL(replay(s).size(), 2u);
}

CAF_TEST(a sealed event is erased in the segment and in what is cached of it) {
  const auto event = id_of(append_text(s, secret), 1);
  for (int i = 0; i < 3; ++i) append_text(s, std::string(40'000, 'x'));
  retire();
  CAF_CHECK(is_shown());  // which takes it into the cache
  redact(event);
  CAF_CHECK(!is_shown());
  retire();
  CAF_CHECK(!is_shown());
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(what is being read meanwhile is not kept) {
  const auto event = id_of(append_text(s, secret), 1);
  for (int i = 0; i < 3; ++i) append_text(s, std::string(40'000, 'x'));
  retire();
  auto slow = ask<pull_answer>(s, opening(256 * 1024));
  auto done = ask<event_redacted>(s, redact_event{event, ""});
  run();
  CAF_REQUIRE(*slow);
  CAF_REQUIRE(*done);
  CAF_CHECK(!is_shown());
}

CAF_TEST(events that do not tell their place are found) {
  const auto own =
      R"({"type":"agent.message","id":"own_1","content":[{"type":"text","text":")" + secret + "\"}]}";
  append(s, events({own}));
  redact("own_1");
  CAF_CHECK(!is_shown());
  const auto other =
      R"({"type":"agent.message","id":"own_2","content":[{"type":"text","text":")" + secret + "\"}]}";
  append(s, events({other}));
  retire();
  redact("own_2");
  CAF_CHECK(!is_shown());
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(an id that the session never had is not found) {
  append_text(s, "a");
  for (const auto* unknown : {"own_1", "sevt_00000000000000000000000000"})
    CAF_CHECK(must_fail<event_redacted>(s, redact_event{unknown, ""}).code == errc::not_found);
  const auto other = look_up(create());
  const auto event = id_of(append_text(other, "b"), 1);
  CAF_CHECK(must_fail<event_redacted>(s, redact_event{event, ""}).code == errc::not_found);
  CAF_CHECK_EQUAL(replay(s).size(), 1u);
}

CAF_TEST(archived and terminated sessions are no exception) {
  const auto first = id_of(append_text(s, secret), 1);
  const auto second = id_of(append_text(s, secret), 2);
  append(s, events({R"({"type":"session.status_terminated"})"}));
  redact(first);
  must<session_view>(s, archive_session{});
  redact(second);
  CAF_CHECK(!is_shown());
  const auto shown = header();
  CAF_CHECK(shown.progress.status == session_status::terminated);
  CAF_CHECK(shown.definition->archived_at.has_value());
  CAF_CHECK_EQUAL(replay(s).size(), 5u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(what the header took over goes as well) {
  append(s, events({R"({"type":"agent.tool_use","name":")" + secret + R"(","input":{}})",
                    R"({"type":"user.define_outcome","description":")" + secret +
                        R"(","rubric":{"type":"text","content":"c"}})"}));
  CAF_CHECK(shown(s).find(secret) != std::string::npos);
  const auto log = must<pull_answer>(s, opening(1 << 20)).slice;
  for (const seq_t seq : {1u, 2u}) redact(id_of(log, seq));
  CAF_CHECK(shown(s).find(secret) == std::string::npos);
  CAF_CHECK_EQUAL(header().progress.pending.size(), 1u);
  CAF_CHECK(faults_found().empty());
  restart();
  s = look_up(id);
  CAF_CHECK(shown(s).find(secret) == std::string::npos);
}

CAF_TEST(a key is answered though its body is forgotten) {
  const auto body = events({message("a"), message(secret), message("c")});
  const auto first = must<append_answer>(s, appending(body, "key"));
  redact(id_of(first.stored, 2));
  const auto check = [&] {
    const auto again = must<append_answer>(s, appending(body, "key"));
    CAF_CHECK(again.replayed);
    CAF_CHECK_EQUAL(id_of(again.stored, 1) + id_of(again.stored, 3),
                    id_of(first.stored, 1) + id_of(first.stored, 3));
    CAF_CHECK_EQUAL(replay(s).size(), 4u);
    // Of what is erased nothing tells what it was.
    CAF_CHECK(must<append_answer>(s, appending(events({message("a"), message("b"), message("c")}), "key"))
                  .replayed);
    const auto others = {events({message("b"), message(secret), message("c")}),
                         events({message("a"), message(secret)}),
                         events({message("a"), message(secret), message("c"), message("d")}),
                         events({message("a"), R"({"type":"agent.thinking"})", message("c")})};
    for (const auto& other : others)
      CAF_CHECK(must_fail<append_answer>(s, appending(other, "key")).code == errc::conflict);
    CAF_CHECK_EQUAL(replay(s).size(), 4u);
  };
  check();
  retire();
  check();
}

CAF_TEST(a commit that fails erases nothing and the next one does) {
  const auto event = id_of(append_text(s, secret), 1);
  faults->next_commit = {errc::unavailable, "disk full"};
  CAF_CHECK(must_fail<event_redacted>(s, redact_event{event, ""}).code == errc::unavailable);
  CAF_CHECK(is_shown());
  append_text(s, "goes on");
  redact(event);
  CAF_CHECK(!is_shown());
  CAF_CHECK_EQUAL(replay(s).size(), 3u);
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(appends before and behind it keep their places) {
  const auto event = id_of(append_text(s, secret), 1);
  auto before = ask<append_answer>(s, appending(events({message("before")})));
  auto done = ask<event_redacted>(s, redact_event{event, ""});
  auto behind = ask<append_answer>(s, appending(events({message("behind")})));
  run();
  CAF_REQUIRE(*before);
  CAF_REQUIRE(*done);
  CAF_REQUIRE(*behind);
  CAF_CHECK_EQUAL(replay(s).size(), 4u);
  CAF_CHECK(!is_shown());
  retire();
  CAF_CHECK(!is_shown());
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a seal under way and one that falls due do not bring it back) {
  const auto event = id_of(append_text(s, secret), 1);
  auto large = ask<append_answer>(s, appending(events({message(std::string(70'000, 'x'))})));
  auto done = ask<event_redacted>(s, redact_event{event, ""});
  auto more = ask<append_answer>(s, appending(events({message(std::string(70'000, 'y'))})));
  caf::anon_send(s, seal_wanted{});
  run();
  CAF_REQUIRE(*large);
  CAF_REQUIRE(*done);
  CAF_REQUIRE(*more);
  CAF_CHECK(!is_shown());
  retire();
  CAF_CHECK(!is_shown());
  restart();
  s = look_up(id);
  CAF_CHECK(!is_shown());
  CAF_CHECK(faults_found().empty());
}

CAF_TEST(a deletion ends those that wait) {
  const auto event = id_of(append_text(s, secret), 1);
  retire();
  auto done = ask<event_redacted>(s, redact_event{event, ""});
  must<session_deleted>(s, delete_session{true});
  CAF_REQUIRE(done->answered);
}

CAF_TEST_FIXTURE_SCOPE_END()
