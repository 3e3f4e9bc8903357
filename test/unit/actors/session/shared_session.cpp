// SPDX-License-Identifier: Apache-2.0
// Sessions that two servers serve at once, over one database and without any link between them.
#define CAF_SUITE shared_session
#include "test/unit/actors/support/shared_session.hpp"
// The framework's header comes first.
#include "actors/store/log_reader.hpp"

using namespace sandbase;
using namespace sandbase::test;
using memory::link_fault;
using memory::store_call;
using namespace std::chrono_literals;

CAF_TEST_FIXTURE_SCOPE(shared_session_tests, shared_fixture)

CAF_TEST(what one server has acknowledged every server shows) {
  std::vector<std::string> all;
  for (int i = 0; i < 6; ++i) {
    auto& server = i % 2 == 0 ? a : b;
    all.push_back(json_of(server.append_text(i % 2 == 0 ? at_a : at_b, "text " + std::to_string(i))));
    CAF_CHECK_EQUAL(a.replay(at_a), all);
    CAF_CHECK_EQUAL(b.replay(at_b), all);
    CAF_CHECK_EQUAL(a.shown(at_a), b.shown(at_b));
  }
  must_be_sound();
}

CAF_TEST(reading claims nothing) {
  a.append_text(at_a, "one");
  const auto before = epoch();
  b.replay(at_b);
  b.shown(at_b);
  follow(b, at_b);
  poll();
  CAF_CHECK_EQUAL(epoch(), before);
  a.append_text(at_a, "two");
  CAF_CHECK_EQUAL(epoch(), before);
}

CAF_TEST(a writer that was replaced does its appends again) {
  a.append_text(at_a, "one");
  b.append_text(at_b, "two");
  const auto first = a.ask<append_answer>(at_a, a.appending(body("three")));
  const auto second = a.ask<append_answer>(at_a, a.appending(body("four")));
  a.run();
  CAF_REQUIRE(*first && *second);
  CAF_CHECK_EQUAL((*first)->stored.first_seq(), 3u);
  CAF_CHECK_EQUAL((*second)->stored.first_seq(), 4u);
  CAF_CHECK_EQUAL(b.replay(at_b).size(), 4u);
  must_be_sound();
}

CAF_TEST(a claim that is answered behind news of a later one is made again) {
  a.append_text(at_a, "one");
  follow(a, at_a);
  b.append_text(at_b, "two");
  a.before_answer_of(store_call::claim, [&] {
    b.append_text(at_b, "three");
    poll();
  });
  CAF_CHECK_EQUAL(a.append_text(at_a, "four").first_seq(), 4u);
  CAF_CHECK_EQUAL(heard_ends(), (std::vector<seq_t>{3, 4}));
  CAF_CHECK_EQUAL(a.look_up(id), at_a);
  must_be_sound();
}

CAF_TEST(nor does a claim end its session that is overtaken while it is looked at) {
  a.append_text(at_a, "one");
  follow(a, at_a);
  b.append_text(at_b, std::string(70'000, 'x'));  // which seals: where "one" stands has to be read
  a.before_answer_of(store_call::claim, [&] {
    b.append_text(at_b, "three");
    sched.advance_time(300ms);
    // The news are read, and that they continue the log is looked up behind the answer.
    a.run_without(a.each<log_reader>());
    sched.run_once();
    a.run_without(a.each<log_reader>());
  });
  CAF_CHECK_EQUAL(a.append_text(at_a, "four").first_seq(), 4u);
  CAF_CHECK_EQUAL(heard_ends(), (std::vector<seq_t>{3, 4}));
  must_be_sound();
}

CAF_TEST(a claim that is answered behind the end of its session changes nothing) {
  a.append_text(at_a, "one");
  follow(a, at_a);
  b.append_text(at_b, "two");
  a.before_answer_of(store_call::claim, [&] {
    b.must<session_deleted>(at_b, delete_session{true, 0});
    poll();
  });
  CAF_CHECK(a.must_fail<append_answer>(at_a, a.appending(body("late"))).code == errc::not_found);
  CAF_CHECK_EQUAL(heard->events.size(), 1u);
  CAF_CHECK(heard->events.back().state == log_state::deleted);
  int commits = 0;
  a.link().fault = [&](store_call call) {
    commits += call == store_call::commit ? 1 : 0;
    return link_fault::none;
  };
  for (int i = 0; i < 10; ++i) poll();
  a.link().fault = nullptr;
  CAF_CHECK_EQUAL(commits, 0);
}

CAF_TEST(a deletion that is under way when another server has deleted is answered) {
  a.append_text(at_a, "one");
  follow(a, at_a);
  const auto late = a.ask<session_deleted>(at_a, delete_session{true, 0});
  a.run_without(a.the(a.journal));
  const auto first = b.ask<session_deleted>(at_b, delete_session{true, 0});
  a.run_without(a.the(a.journal));
  CAF_REQUIRE(first->value.has_value());
  sched.advance_time(300ms);
  a.run_without(a.the(a.journal));
  CAF_REQUIRE_EQUAL(heard->events.size(), 1u);
  CAF_CHECK(heard->events.back().state == log_state::deleted);
  a.run();
  CAF_REQUIRE(late->answered);
  CAF_CHECK(late->error.code == errc::not_found);
  CAF_CHECK_EQUAL(heard->events.size(), 1u);
}

CAF_TEST(who is overtaken again and again gives up and nothing is stored) {
  a.append_text(at_a, "one");
  int overtaken = 0;
  a.link().fault = [&](store_call call) {
    if (call != store_call::commit) return link_fault::none;
    ++overtaken;
    auto row = database->rows().tips.at(key());
    ++row.epoch;
    auto tx = database->begin();
    tx.put(&memory::tables::tips, key(), row);
    tx.commit();
    return link_fault::none;
  };
  const auto why = a.must_fail<append_answer>(at_a, a.appending(body("never")));
  a.link().fault = nullptr;
  CAF_CHECK(why.code == errc::unavailable);
  CAF_CHECK_EQUAL(overtaken, 1 + max_lost_fences);
  CAF_CHECK_EQUAL(b.replay(at_b).size(), 1u);
  a.append_text(at_a, "two");
  must_be_sound();
}

CAF_TEST(what nobody waits for any more is not done again) {
  a.append_text(at_a, "one");
  auto late = a.appending(body("late"));
  late.patience = 5s;
  a.before_next(store_call::commit, [&] {
    auto row = database->rows().tips.at(key());
    ++row.epoch;
    auto tx = database->begin();
    tx.put(&memory::tables::tips, key(), row);
    tx.commit();
    sched.advance_time(5s);
  });
  CAF_CHECK(a.must_fail<append_answer>(at_a, late).code == errc::unavailable);
  CAF_CHECK_EQUAL(b.replay(at_b).size(), 1u);
  must_be_sound();
}

CAF_TEST(changes of the definition are seen everywhere) {
  a.append_text(at_a, "one");
  b.shown(at_b);
  const auto parsed = parse_update_request(R"({"title":"new"})");
  if (!parsed) CAF_FAIL(parsed.error().message);
  a.must<session_view>(at_a, update_session{std::make_shared<const update_request>(*parsed)});
  CAF_CHECK_EQUAL(a.shown(at_a), b.shown(at_b));
  CAF_CHECK(b.shown(at_b).find("\"new\"") != std::string::npos);
  CAF_MESSAGE("an archive has no event");
  b.must<session_view>(at_b, archive_session{});
  CAF_CHECK(a.must_fail<append_answer>(at_a, a.appending(body("late"))).code == errc::invalid);
  CAF_CHECK_EQUAL(a.shown(at_a), b.shown(at_b));
  CAF_CHECK(a.shown(at_a).find("\"archived_at\":\"") != std::string::npos);
  must_be_sound();
}

CAF_TEST(an archive is seen by who only reads) {
  a.append_text(at_a, "one");
  b.replay(at_b);
  follow(b, at_b);
  a.must<session_view>(at_a, archive_session{});
  poll();
  CAF_REQUIRE(!heard->events.empty());
  CAF_CHECK(heard->events.back().state == log_state::archived);
}

CAF_TEST(a deleted session is gone everywhere) {
  a.append_text(at_a, "one");
  b.replay(at_b);
  follow(b, at_b);
  a.must<session_deleted>(at_a, delete_session{true, 0});
  poll();
  CAF_REQUIRE(!heard->events.empty());
  CAF_CHECK(heard->events.back().state == log_state::deleted);
  CAF_CHECK(b.must_fail<lookup_answer>(b.directory, lookup_request{b.workspace, id}).code == errc::not_found);
}

CAF_TEST(a deletion shows at once to who asks) {
  a.append_text(at_a, "one");
  b.replay(at_b);
  a.must<session_deleted>(at_a, delete_session{true, 0});
  CAF_CHECK(b.must_fail<session_view>(at_b, describe_request{}).code == errc::not_found);
}

CAF_TEST(a cursor is not called wrong where the session was deleted while it was looked up) {
  a.append_text(at_a, "one");
  b.replay(at_b);
  auto cursor = b.opening(256 * 1024);
  cursor.after.push_back({"after", "sevt_of_another_session"});
  CAF_CHECK(b.must_fail<pull_answer>(at_b, cursor).code == errc::invalid);
  const auto asked = b.ask<pull_answer>(at_b, cursor);
  b.run_without(b.each<log_reader>());
  const auto deleted = a.ask<session_deleted>(at_a, delete_session{true, 0});
  b.run_without(b.each<log_reader>());
  CAF_REQUIRE(deleted->value.has_value());
  CAF_REQUIRE(!asked->answered);
  b.run();
  CAF_CHECK(asked->error.code == errc::not_found);
}

CAF_TEST(who follows hears of what another server appended) {
  a.append_text(at_a, "one");
  follow(b, at_b);
  a.append_text(at_a, "two");
  poll();
  a.append_text(at_a, "three");
  a.append_text(at_a, "four");
  poll();
  CAF_CHECK_EQUAL(heard_ends(), (std::vector<seq_t>{2, 4}));
  CAF_CHECK_EQUAL(heard->events.back().slice.first_seq(), 3u);
}

CAF_TEST(a writer with followers hears of who has replaced it) {
  a.append_text(at_a, "one");
  follow(a, at_a);
  b.append_text(at_b, "two");
  poll();
  CAF_CHECK_EQUAL(heard_ends(), (std::vector<seq_t>{2}));
  CAF_MESSAGE("and does not take the log back");
  const auto before = epoch();
  poll();
  CAF_CHECK_EQUAL(epoch(), before);
}

CAF_TEST(news that could not be read are read later) {
  a.append_text(at_a, "one");
  follow(b, at_b);
  a.append_text(at_a, "two");
  int reads = 0;
  // The look-up is answered, and what is behind it is not.
  b.link().fault = [&](store_call call) {
    return call == store_call::read && ++reads == 2 ? link_fault::refused : link_fault::none;
  };
  poll();
  CAF_CHECK_EQUAL(heard_ends(), std::vector<seq_t>{});
  poll();
  b.link().fault = nullptr;
  CAF_CHECK_EQUAL(heard_ends(), (std::vector<seq_t>{2}));
}

CAF_TEST(what was sealed meanwhile is followed) {
  a.append_text(at_a, "one");
  follow(b, at_b);
  a.append_text(at_a, std::string(70'000, 'x'));  // which seals
  a.append_text(at_a, "three");
  poll();
  CAF_CHECK_EQUAL(heard_ends(), (std::vector<seq_t>{3}));
  CAF_CHECK_EQUAL(b.replay(at_b).size(), 3u);
  must_be_sound();
}

CAF_TEST(a claim goes on behind what was sealed meanwhile) {
  a.append_text(at_a, "one");
  follow(a, at_a);
  b.append_text(at_b, std::string(70'000, 'x'));  // which seals
  b.append_text(at_b, "behind it");
  CAF_REQUIRE_GREATER(database->rows().sessions.at(key())->sealed_seq, 1u);
  a.append_text(at_a, "two");
  poll();
  CAF_CHECK_EQUAL(heard_ends(), (std::vector<seq_t>{3, 4}));
  must_be_sound();
}

CAF_TEST(what stands against an append is looked at anew) {
  a.append_text(at_a, "one");
  const auto second = b.append_text(at_b, "two");
  const auto last_id = std::string{second.spans.front().block->id(2)};
  a.append(at_a, R"({"expected_last_event_id":")" + last_id + R"(","events":[)" + a.message("three") + "]}");
  const auto wrong =
      R"({"expected_last_event_id":")" + last_id + R"(","events":[)" + a.message("four") + "]}";
  CAF_CHECK(b.must_fail<append_answer>(at_b, b.appending(wrong)).code == errc::conflict);
  must_be_sound();
}

CAF_TEST(an idempotency key is good on every server) {
  const auto first = a.must<append_answer>(at_a, a.appending(body("one"), "key"));
  const auto again = b.must<append_answer>(at_b, b.appending(body("one"), "key"));
  CAF_CHECK(again.replayed);
  CAF_CHECK_EQUAL(json_of(first.stored), json_of(again.stored));
  b.append_text(at_b, "two");
  CAF_CHECK(a.must<append_answer>(at_a, a.appending(body("one"), "key")).replayed);
  must_be_sound();
}

CAF_TEST(a key that another server has stored is answered by who does not know its events) {
  a.append(at_a, body("one"));
  const auto first = b.must<append_answer>(at_b, b.appending(body("two"), "key"));
  // It takes itself for the writer, and finds the key in the store.
  const auto again = a.must<append_answer>(at_a, a.appending(body("two"), "key"));
  CAF_CHECK(again.replayed);
  CAF_REQUIRE(!again.stored.empty());
  CAF_CHECK_EQUAL(again.stored.last_seq(), first.stored.last_seq());
  CAF_CHECK_EQUAL(a.replay(at_a).size(), 2u);
}

CAF_TEST(a repetition is not answered from the memory of a session that another server has deleted) {
  a.must<append_answer>(at_a, a.appending(body("one"), "key"));
  CAF_CHECK(a.must<append_answer>(at_a, a.appending(body("one"), "key")).replayed);
  b.must<session_deleted>(at_b, delete_session{true, 0});
  CAF_CHECK(a.must_fail<append_answer>(at_a, a.appending(body("one"), "key")).code == errc::not_found);
}

CAF_TEST(a redaction reaches the memory of every server) {
  const auto first = a.append_text(at_a, "secret");
  const auto event = std::string{first.spans.front().block->id(1)};
  b.replay(at_b);
  const auto erased = std::weak_ptr<const log_block>{first.spans.front().block};
  a.must<event_redacted>(at_a, redact_event{event, ""});
  CAF_CHECK(b.replay(at_b).front().find("secret") == std::string::npos);
  must_be_sound();
}

CAF_TEST(sessions that nobody follows are looked at within a minute) {
  a.append_text(at_a, "secret");
  const auto held = b.must<pull_answer>(at_b, a.opening(1 << 20)).slice.spans.front().block;
  const std::weak_ptr<const log_block> in_memory{held};
  const auto event = std::string{held->id(1)};
  a.must<event_redacted>(at_a, redact_event{event, ""});
  for (int i = 0; i < 100; ++i) poll();
  const auto shown = b.must<pull_answer>(at_b, pull_request{0, 1, 1 << 20});
  CAF_CHECK(shown.slice.spans.front().block->json(1).find("secret") == std::string_view::npos);
}

CAF_TEST(without the database nothing is shown from memory for long) {
  a.append_text(at_a, "one");
  b.replay(at_b);
  b.link().is_up = false;
  b.must<pull_answer>(at_b, pull_request{0, 1, 1 << 20});
  for (int i = 0; i < 110; ++i) poll();
  CAF_CHECK(b.must_fail<pull_answer>(at_b, pull_request{0, 1, 1 << 20}).code == errc::unavailable);
  b.link().is_up = true;
  poll();
  b.must<pull_answer>(at_b, pull_request{0, 1, 1 << 20});
}

CAF_TEST_FIXTURE_SCOPE_END()
