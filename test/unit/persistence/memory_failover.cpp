// SPDX-License-Identifier: Apache-2.0
// Nodes that write the same session, and a database that loses what it had committed.
#define CAF_SUITE memory_failover
#include "test/unit/persistence/support/memory_nodes.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST_FIXTURE_SCOPE(memory_failover, memory_nodes_fixture)

// --- several nodes ----------------------------------------------------------------------

CAF_TEST(of two that think that they write a session one does) {
  auto old = made("sess_a", 2);
  auto young = old;
  CAF_CHECK_EQUAL(jsons_of(b.claim(young).unsealed), young.jsons);
  b.commit_one(young.append(1));
  auto header = old.append_nothing();
  header.header = old.shared_header();
  header.redefines = true;
  CAF_CHECK(a.error_of(old.seal({{1, 2}})) == errc::conflict);
  CAF_CHECK(is_refused(a.error_of(delete_op{old.key, old.epoch})));
  CAF_CHECK(is_refused(a.error_of(header)));
  CAF_CHECK(is_refused(a.error_of(old.append(1))));
  b.commit_one(young.append(1));
  CAF_CHECK_EQUAL(a.read_all(young), young.jsons);

  CAF_MESSAGE("it claims back");
  old = young;
  a.claim(old);
  a.commit_one(old.append(1));
  CAF_CHECK(is_refused(b.error_of(young.append(1))));
  CAF_CHECK_EQUAL(b.read_all(old), old.jsons);
  must_be_sound();
}

CAF_TEST(another node shows all that was acknowledged) {
  auto log = made("sess_a", 2);
  auto op = log.append(1);
  log.add(op, log.make("agent.message", 200, "evt_own"));
  op.foreign_ids = {{"evt_own", 4}};
  op.idempotency = idempotency_record{"key", sha256("body"), 3, 4, at_ms(0)};
  a.commit_one(op);
  CAF_CHECK_EQUAL(b.read_all(log), log.jsons);
  session_query query;
  query.workspace = workspace;
  const auto page = must(b.reader->list_sessions(query, [] { return false; }));
  CAF_REQUIRE_EQUAL(page.rows.size(), 1u);
  CAF_CHECK(copied(page.rows.front().header.progress.tip) == log.header.progress.tip);
  CAF_CHECK_EQUAL(must(b.reader->find_event(log.key, "evt_own")).value_or(0), 4u);
  CAF_CHECK_EQUAL(copied(must(b.reader->find_idempotency(workspace, log.key, "key"))->last_seq), 4u);
  a.commit_one(log.seal({{1, 4}}));
  CAF_CHECK_EQUAL(jsons_of(must(b.reader->read(log.key, 0, 9, 1 << 20))), log.jsons);
  const auto key = must(must(a.backend.open_admin())->create_key("main", role::client, "k", at_ms(1)));
  CAF_CHECK_EQUAL(copied(must(b.reader->find_key(key.key.id))->hint), key.key.hint);
  CAF_CHECK_EQUAL(must(a.writer->secret("tokens")), must(b.writer->secret("tokens")));
  a.commit_one(delete_op{log.key, log.epoch});
  CAF_CHECK(!must(b.reader->find_session(workspace, "sess_a")));
}

CAF_TEST(a node that was not seen for ten seconds is not told of) {
  timestamp now{};
  database->clock = [&] { return now; };
  const auto nodes = must(a.backend.open_node_registry({"a", "a.example:1"}));
  CAF_CHECK_EQUAL(must(nodes->renew({})).size(), 2u);
  now += std::chrono::milliseconds{9'999};
  const auto both = must(nodes->renew({}));
  CAF_REQUIRE_EQUAL(both.size(), 2u);
  CAF_CHECK_EQUAL(both[0].unseen.count(), 0);
  CAF_CHECK_EQUAL(both[1].unseen.count(), 9'999);
  now += std::chrono::milliseconds{1};
  CAF_CHECK_EQUAL(must(nodes->renew({})).size(), 1u);
  b.keep_house();
  CAF_CHECK_EQUAL(must(nodes->renew({})).size(), 2u);
}

CAF_TEST(each node is asked for seals of its own sessions) {
  a.end();
  a.writer = must(a.backend.open_writer(1'000));
  b.end();
  b.writer = must(b.backend.open_writer(1'000));
  auto mine = made("sess_a");
  a.commit_one(mine.append(1, 400));
  auto others = made("sess_b");
  b.claim(others);
  b.commit_one(others.append(1, 400));
  CAF_CHECK(a.writer->wants_sealed({}) == std::vector{mine.key});
  CAF_CHECK(b.error_of(others.append(1, 400)) == errc::unavailable);
  a.commit_one(mine.seal({{1, 1}}));
  CAF_CHECK(!b.writer->unsealed().is_pressed);
}

// --- a lost tail --------------------------------------------------------------------------

CAF_TEST(an append to what a failover lost is refused by the head though epoch and place come again) {
  auto old = made("sess_a", 1);
  auto young = old;
  a.claim(old);
  a.commit_one(old.append(1, 300));
  database->lose_tail(2);
  b.claim(young);
  b.commit_one(young.append(1, 400));
  CAF_REQUIRE_EQUAL(old.epoch, young.epoch);
  auto op = old.append(1);
  CAF_REQUIRE_EQUAL(op.first_seq, young.last() + 1);
  CAF_CHECK(is_refused(a.error_of(op)));
  CAF_CHECK_EQUAL(a.read_all(young), young.jsons);
}

CAF_TEST(a seal of what a failover lost is refused however long the log is by now) {
  auto old = made("sess_a", 1);
  auto young = old;
  a.claim(old);
  a.commit_one(old.append(1, 300));
  database->lose_tail(2);
  b.claim(young);
  for (int i = 0; i < 3; ++i) {
    b.commit_one(young.append(1, 400));
    CAF_REQUIRE_EQUAL(old.epoch, young.epoch);
    CAF_CHECK(a.error_of(old.seal({{1, 2}})) == errc::conflict);
  }
  CAF_CHECK_EQUAL(a.read_all(young), young.jsons);
  b.commit_one(young.seal({{1, young.last()}}));
  must_be_sound();
}

CAF_TEST(a seal that still has what was erased is refused though its epoch came again) {
  auto old = made("sess_a", 2);
  auto young = old;
  a.claim(old);
  database->lose_tail(1);
  b.claim(young);
  CAF_REQUIRE_EQUAL(old.epoch, young.epoch);
  b.commit_one(young.erase(1));
  CAF_CHECK(a.error_of(old.seal({{1, 2}})) == errc::conflict);
  CAF_CHECK_EQUAL(a.read_all(young), young.jsons);
  b.commit_one(young.seal({{1, 3}}));
  CAF_CHECK_EQUAL(a.read_all(young), young.jsons);
  must_be_sound();
}

CAF_TEST(what a node staged goes with it) {
  test_log log{"sess_in"};
  log.workspace = workspace;
  for (int i = 0; i < 2; ++i) log.make();
  const auto staged = a.commit_one(stage_op{0, {log.block(1, 2)}, {}}).session;
  const publish_op publication{staged, workspace, log.shared_header()};
  CAF_CHECK(b.error_of(publication) == errc::not_found);
  a.fail_next(store_call::commit, link_fault::late);
  CAF_CHECK(a.code_of_commit({stage_op{0, {log.block(1, 2)}, {}}}) == errc::unknown_outcome);
  CAF_CHECK(!b.keep_house());
  CAF_CHECK_EQUAL(database->rows().segments.size(), 1u);
  a.end();
  land_all();
  CAF_CHECK_EQUAL(database->rows().segments.size(), 2u);
  CAF_CHECK(!b.keep_house());
  CAF_CHECK(database->rows().segments.empty());
  must_be_sound();
}

CAF_TEST(a claim that a failover lost gives way) {
  auto old = made("sess_a", 1);
  auto young = old;
  b.claim(young);
  database->lose_tail(1);
  a.commit_one(old.append(1));
  CAF_CHECK(is_refused(b.error_of(young.append(1))));
  CAF_CHECK_EQUAL(b.read_all(old), old.jsons);
  young = old;
  CAF_CHECK_EQUAL(jsons_of(b.claim(young).unsealed), old.jsons);
}

CAF_TEST(what was under way at a failover never lands) {
  auto log = made("sess_a", 1);
  const auto before = log;
  a.fail_next(store_call::commit, link_fault::late);
  CAF_CHECK(a.code_of_commit({log.append(1)}) == errc::unknown_outcome);
  database->copy_all();
  CAF_CHECK_EQUAL(database->lose_tail(5), 0u);
  CAF_CHECK_EQUAL(database->under_way(), 0u);
  CAF_CHECK_EQUAL(b.read_all(log), before.jsons);
}

CAF_TEST(a failover takes back every kind of change) {
  auto log = made("sess_a", 3);
  auto gone = made("sess_gone", 2);
  must(must(a.backend.open_admin())->create_key("main", role::client, "k", at_ms(1)));
  const auto rows_before = database->rows().count;

  auto op = log.append(1);
  log.add(op, log.make("session.status_running"));
  op.header = log.shared_header();
  op.foreign_ids = {{"evt_own", 4}};
  op.idempotency = idempotency_record{"key", {}, 4, 5, at_ms(0)};
  const auto before = log.range(1, 3);
  a.commit_one(op);
  a.commit_one(log.seal({{1, 2}}));
  a.commit_one(gone.seal({{1, 2}}));
  a.commit_one(delete_op{gone.key, gone.epoch});
  a.keep_house();
  made("sess_new", 1);
  auto admin = must(a.backend.open_admin());
  must(admin->revoke_key(1, at_ms(2)));
  must(admin->create_key("other", role::client, "k", at_ms(1)));
  CAF_CHECK_EQUAL(database->lose_tail(9), 9u);

  must_be_sound();
  CAF_CHECK_EQUAL(b.read_all(log), before);
  CAF_CHECK_EQUAL(b.read_all(gone), gone.jsons);
  CAF_CHECK(!must(b.reader->find_session(workspace, "sess_new")));
  CAF_CHECK(!must(b.reader->find_event(log.key, "evt_own")));
  CAF_CHECK(!must(b.reader->find_idempotency(workspace, log.key, "key")));
  const auto keys = must(admin->list_keys());
  CAF_REQUIRE_EQUAL(keys.size(), 1u);
  CAF_CHECK(!keys.front().revoked_at);
  CAF_CHECK_EQUAL(must(admin->list_workspaces()).size(), 1u);
  const auto& count = database->rows().count;
  CAF_CHECK_EQUAL(count.unsealed_bytes, rows_before.unsealed_bytes);
}

CAF_TEST(the numbers of what was lost do not come again) {
  auto lost = made("sess_lost");
  const auto lost_key = must(must(a.backend.open_admin())->create_key("lost", role::client, "k", at_ms(1)));
  database->lose_tail(3);
  test_log other{"sess_other"};
  other.workspace = workspace;
  other.key = b.commit_one(other.create()).session;
  CAF_CHECK_NOT_EQUAL(other.key, lost.key);
  const auto other_key = must(must(b.backend.open_admin())->create_key("other", role::client, "k", at_ms(1)));
  CAF_CHECK_NOT_EQUAL(other_key.key.id, lost_key.key.id);
  CAF_CHECK_NOT_EQUAL(other_key.key.workspace, lost_key.key.workspace);
  CAF_CHECK(!must(b.reader->find_key(lost_key.key.id)));
  b.claim(other);
  CAF_CHECK(is_refused(a.error_of(lost.append(1))));
  CAF_CHECK(is_refused(a.error_of(delete_op{lost.key, lost.epoch})));
  CAF_CHECK_EQUAL(b.read_all(other), other.jsons);
}

CAF_TEST_FIXTURE_SCOPE_END()
