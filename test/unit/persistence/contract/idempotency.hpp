// SPDX-License-Identifier: Apache-2.0
// Store contract: Idempotency-Keys are kept with what they stored, for a day.
#pragma once

#include "test/unit/persistence/support/store_fixture.hpp"

namespace idempotency_contract {

using namespace sandbase;
using namespace sandbase::test;

inline idempotency_record record(std::string key, std::string_view body, timestamp at, seq_t first = 0,
                                 seq_t last = 0) {
  return {std::move(key), sha256(body), first, last, at};
}
constexpr auto day = idempotency_ttl;
constexpr auto tick = std::chrono::milliseconds{1};

CAF_TEST_FIXTURE_SCOPE(idempotency_contract, store_fixture<store_factory>)

CAF_TEST(a key of an append is found with its events) {
  auto log = made("sess_a");
  auto op = log.append(3);
  op.idempotency = record("key-1", "body", at_ms(5), 1, 3);
  commit_one(op);
  const auto kept = must(reader->find_idempotency(workspace, log.key, "key-1"));
  CAF_REQUIRE(kept.has_value());
  CAF_CHECK_EQUAL(kept->key, "key-1");
  CAF_CHECK(kept->body == sha256("body"));
  CAF_CHECK_EQUAL(kept->first_seq, 1u);
  CAF_CHECK_EQUAL(kept->last_seq, 3u);
  CAF_CHECK(kept->created_at == at_ms(5));
  CAF_CHECK(!must(reader->find_idempotency(workspace, log.key, "key-2")));
  CAF_CHECK(!must(reader->find_idempotency(workspace, log.key + 1, "key-1")));
  CAF_CHECK(!must(reader->find_idempotency(workspace + 1, log.key, "key-1")));
}

CAF_TEST(a key stays known when its events are sealed and when the store is opened again) {
  auto log = made("sess_a");
  const auto send = [&](const std::string& key, std::size_t events) {
    auto op = log.append(events);
    op.idempotency = record(key, key, at_ms(5), op.first_seq, op.tip.last_seq);
    return op;
  };
  const auto known = [&] {
    std::string all;
    for (const std::string key : {"a", "b", "c", "d", "nothing", "e"})
      if (const auto kept = must(reader->find_idempotency(workspace, log.key, key))) {
        CAF_CHECK(kept->body == sha256(key) && kept->created_at == at_ms(5));
        all += key + std::to_string(kept->first_seq) + "-" + std::to_string(kept->last_seq) + " ";
      }
    return all;
  };
  commit_one(send("a", 2));
  commit_one(send("b", 1));
  auto empty = log.append_nothing();
  empty.idempotency = record("nothing", "nothing", at_ms(5), 1, 2);
  commit_one(empty);
  commit_one(log.append(2));
  commit_one(send("c", 3));
  const std::string all = "a1-2 b3-3 c6-8 nothing1-2 ";
  CAF_CHECK_EQUAL(known(), all);
  reopen();
  CAF_CHECK_EQUAL(known(), all);
  claim(log);
  commit_one(log.seal({{1, 2}}));
  CAF_CHECK_EQUAL(known(), all);
  CAF_MESSAGE("a seal in the middle of what one request stored");
  commit_one(log.seal({{3, 7}}));
  CAF_CHECK_EQUAL(known(), all);
  keep_house();
  CAF_CHECK_EQUAL(known(), all);
  reopen();
  CAF_CHECK_EQUAL(known(), all);
  CAF_MESSAGE("stored and sealed in one commit");
  claim(log);
  const auto last = send("d", 1);
  commit({last, log.seal({{8, 9}})});
  const std::string more = "a1-2 b3-3 c6-8 d9-9 nothing1-2 ";
  CAF_CHECK_EQUAL(known(), more);
  CAF_MESSAGE("sealed by housekeeping");
  commit_one(send("e", 1));
  writer->release(log.key, log.epoch);
  keep_house();
  CAF_CHECK_EQUAL(writer->unsealed().sessions, 0u);
  CAF_CHECK_EQUAL(known(), more + "e10-10 ");
  reopen();
  keep_house();
  CAF_CHECK_EQUAL(known(), more + "e10-10 ");
  must_be_sound();
}

CAF_TEST(a key is good once in a commit and once in the session whether sealed or not ) {
  auto log = made("sess_a");
  const auto send = [&](timestamp at) {
    auto op = log.append(1);
    op.idempotency = record("key", "a", at, op.first_seq, op.first_seq);
    return op;
  };
  const auto first = send(at_ms(0));
  auto copy = log;
  const auto outcomes = commit({first, send(at_ms(1))});
  CAF_CHECK(outcomes[0].error.code == errc::none);
  CAF_CHECK(outcomes[1].error.code == errc::conflict);
  log = copy;
  const auto is_taken = [&](timestamp at) {
    claim(log);
    auto attempt = log;
    auto op = attempt.append(1);
    op.idempotency = record("key", "a", at, op.first_seq, op.first_seq);
    return error_of(op) == errc::conflict;
  };
  CAF_CHECK(is_taken(at_ms(0) + day - tick));
  reopen();
  CAF_CHECK(is_taken(at_ms(0) + day - tick));
  claim(log);
  commit_one(log.seal({{1, 1}}));
  CAF_CHECK(is_taken(at_ms(0) + day - tick));
  reopen();
  claim(log);
  commit_one(send(at_ms(0) + day));
  CAF_CHECK_EQUAL(copied(must(reader->find_idempotency(workspace, log.key, "key"))->first_seq), 2u);
  CAF_MESSAGE("expired before it was sealed");
  commit_one(send(at_ms(0) + day + day));
  CAF_CHECK_EQUAL(copied(must(reader->find_idempotency(workspace, log.key, "key"))->first_seq), 3u);
  commit_one(log.seal({{2, 3}}));
  CAF_CHECK_EQUAL(copied(must(reader->find_idempotency(workspace, log.key, "key"))->first_seq), 3u);
  must_be_sound();
}

CAF_TEST(a key that is still good cannot be taken again) {
  auto log = made("sess_a");
  auto first = log.append(1);
  first.idempotency = record("key", "a", at_ms(0), 1, 1);
  commit_one(first);
  auto copy = log;
  auto second = copy.append(1);
  second.idempotency = record("key", "a", at_ms(0) + day - tick, 2, 2);
  CAF_CHECK(error_of(second) == errc::conflict);
  CAF_CHECK_EQUAL(last_of(log), 1u);
  claim(log);
  second.epoch = log.epoch;
  second.idempotency = record("key", "b", at_ms(0) + day, 2, 2);
  commit_one(second);
  CAF_CHECK_EQUAL(copied(must(reader->find_idempotency(workspace, log.key, "key"))->first_seq), 2u);
}

CAF_TEST(the same creation again answers the session made then) {
  auto first = test_log{"sess_first"};
  first.workspace = workspace;
  auto op = first.create(2);
  op.idempotency = record("key", "body", at_ms(0));
  const auto made_first = commit_one(op);
  auto again = test_log{"sess_second"};
  again.workspace = workspace;
  op = again.create(2);
  op.idempotency = record("key", "body", at_ms(0) + day - tick);
  const auto outcome = commit_one(op);
  CAF_CHECK(outcome.existed);
  CAF_CHECK_EQUAL(outcome.session, made_first.session);
  CAF_CHECK_EQUAL(outcome.existing_id, "sess_first");
  CAF_CHECK(!must(reader->find_session(workspace, "sess_second")));
  CAF_CHECK_EQUAL(writer->unsealed().sessions, 1u);
}

CAF_TEST(the same creation twice in one commit makes one session) {
  auto first = test_log{"sess_first"};
  auto second = test_log{"sess_second"};
  auto third = test_log{"sess_third"};
  std::vector<store_op> ops;
  for (auto* log : {&first, &second, &third}) {
    log->workspace = workspace;
    auto op = log->create(1);
    op.idempotency = record("key", log == &third ? "other" : "body", at_ms(0));
    ops.emplace_back(op);
  }
  const auto outcomes = commit(ops);
  CAF_CHECK(!outcomes[0].existed);
  CAF_CHECK(outcomes[1].existed);
  CAF_CHECK_EQUAL(outcomes[1].session, outcomes[0].session);
  CAF_CHECK(outcomes[2].error.code == errc::conflict);
}

CAF_TEST(a creation with another body conflicts until the key has expired) {
  auto first = test_log{"sess_first"};
  first.workspace = workspace;
  auto op = first.create();
  op.idempotency = record("key", "a", at_ms(0));
  commit_one(op);
  auto second = test_log{"sess_second"};
  second.workspace = workspace;
  op = second.create();
  op.idempotency = record("key", "b", at_ms(0) + day - tick);
  CAF_CHECK(error_of(op) == errc::conflict);
  op.idempotency = record("key", "b", at_ms(0) + day);
  const auto outcome = commit_one(op);
  CAF_CHECK(!outcome.existed);
  CAF_CHECK(must(reader->find_session(workspace, "sess_second")).has_value());
}

CAF_TEST(what no session can be made of is told if its key is new) {
  auto first = test_log{"sess_first"};
  first.workspace = workspace;
  auto op = first.create();
  op.idempotency = record("key", "a", at_ms(0));
  commit_one(op);
  create_op unfit;
  unfit.workspace = workspace;
  unfit.unfit = {errc::too_large, "too much"};
  unfit.idempotency = record("key", "a", at_ms(0) + day - tick);
  const auto again = commit_one(unfit);
  CAF_CHECK(again.existed);
  CAF_CHECK_EQUAL(again.existing_id, "sess_first");
  unfit.idempotency = record("key", "b", at_ms(0) + day - tick);
  CAF_CHECK(error_of(unfit) == errc::conflict);
  unfit.idempotency = record("key", "b", at_ms(0) + day);
  CAF_CHECK(error_of(unfit) == errc::too_large);
  unfit.idempotency = record("other", "b", at_ms(0));
  CAF_CHECK(error_of(unfit) == errc::too_large);
}

CAF_TEST(keys of appends and of creations are apart) {
  auto log = test_log{"sess_a"};
  log.workspace = workspace;
  auto create = log.create();
  create.idempotency = record("key", "a", at_ms(0));
  log.key = commit_one(create).session;
  claim(log);
  auto append = log.append(1);
  append.idempotency = record("key", "b", at_ms(0), 1, 1);
  commit_one(append);
  CAF_CHECK(must(reader->find_idempotency(workspace, 0, "key"))->body == sha256("a"));
  CAF_CHECK(must(reader->find_idempotency(workspace, log.key, "key"))->body == sha256("b"));
}

CAF_TEST(an erased event takes with it what is known of the body that it came in) {
  auto log = test_log{"sess_a"};
  log.workspace = workspace;
  auto create = log.create(1);
  create.idempotency = record("made", "a", log.header.definition->created_at);
  log.key = commit_one(create).session;
  claim(log);
  const auto send = [&](const std::string& key, std::size_t events) {
    auto op = log.append(events);
    op.idempotency = record(key, key, at_ms(0), log.last() + 1 - events, log.last());
    commit_one(op);
  };
  send("before", 60);
  send("key", 3);  // 62 to 64
  send("behind", 1);
  const auto has_body = [&](session_key session, const std::string& key) {
    const auto kept = must(reader->find_idempotency(workspace, session, key));
    CAF_REQUIRE(kept.has_value());
    CAF_CHECK(!kept->has_body() || kept->body == sha256(session == 0 ? "a" : key));
    return kept->has_body();
  };
  commit_one(log.erase(63));
  CAF_CHECK(!has_body(log.key, "key"));
  CAF_CHECK(has_body(log.key, "before"));
  CAF_CHECK(has_body(log.key, "behind"));
  CAF_CHECK(has_body(0, "made"));
  commit_one(log.erase(1));
  CAF_CHECK(!has_body(0, "made"));
  CAF_CHECK(has_body(log.key, "before"));
  CAF_MESSAGE("the key stands for what it did");
  const auto kept = must(reader->find_idempotency(workspace, log.key, "key")).value();
  CAF_CHECK_EQUAL(kept.first_seq, 62u);
  CAF_CHECK_EQUAL(kept.last_seq, 64u);
  CAF_CHECK(kept.created_at == at_ms(0));
  auto again = test_log{"sess_c"};
  again.workspace = workspace;
  auto op = again.create(1);
  op.idempotency = record("made", "b", at_ms(1));
  const auto outcome = commit_one(op);
  CAF_CHECK(outcome.existed);
  CAF_CHECK_EQUAL(outcome.session, log.key);
}

CAF_TEST(records are swept when they have expired) {
  auto log = made("sess_a");
  for (int i = 0; i < 3; ++i) {
    auto op = log.append(1);
    op.idempotency = record("key-" + std::to_string(i), "a", at_ms(i), log.last(), log.last());
    commit_one(op);
  }
  commit_one(log.seal({{1, 3}}));
  keep_house(at_ms(1) + day);
  CAF_CHECK(!must(reader->find_idempotency(workspace, log.key, "key-0")));
  CAF_CHECK(!must(reader->find_idempotency(workspace, log.key, "key-1")));
  CAF_CHECK(must(reader->find_idempotency(workspace, log.key, "key-2")).has_value());
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace idempotency_contract
