// SPDX-License-Identifier: Apache-2.0
// Several writers on one database: the fence is the database's, whoever believes what.
#define CAF_SUITE postgres_nodes
#include "test/unit/persistence/support/patience.hpp"
#include "test/unit/persistence/support/postgres_factory.hpp"
#include "test/unit/support/test.hpp"

#include <atomic>
#include <thread>

using namespace sandbase;
using namespace sandbase::test;

namespace {

struct nodes_fixture : store_fixture<postgres_factory> {
  std::unique_ptr<event_store> other = must(factory.backend().open_writer());

  errc error_at(event_store& node, store_op op) { return must(node.commit({&op, 1})).front().error.code; }
  log_end claim_at(event_store& node, test_log& log) {
    auto claimed = must(node.claim(log.key));
    log.epoch = claimed.epoch;
    return std::move(claimed.log);
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(postgres_nodes, nodes_fixture)

CAF_TEST(a claim of another node defeats what comes later) {
  auto log = made("sess_a", 2);
  auto late = log;
  CAF_CHECK_EQUAL(jsons_of(claim_at(*other, log).unsealed), log.jsons);
  CAF_CHECK(error_at(*writer, late.append(1)) == errc::fenced);
  CAF_CHECK(error_at(*writer, late.seal({{1, 2}})) == errc::conflict);
  CAF_CHECK(error_at(*writer, delete_op{late.key, late.epoch}) == errc::fenced);
  CAF_CHECK(error_at(*other, log.append(1)) == errc::none);
  CAF_CHECK_EQUAL(last_of(log), 3u);
  must_be_sound();
}

CAF_TEST(one that is fenced off costs the others in its commit nothing) {
  auto a = made("sess_a", 1);
  auto b = made("sess_b", 1);
  auto late = a;
  claim_at(*other, a);
  const auto outcomes = commit({late.append(1), b.append(1)});
  CAF_CHECK(is_refused(outcomes[0].error.code));
  CAF_CHECK(outcomes[1].error.code == errc::none);
}

CAF_TEST(the same epoch and place with another head does not fit) {
  auto log = made("sess_a", 2);
  factory.database.sql("UPDATE sandbase.tips SET head = sha256('another') WHERE session = " +
                       std::to_string(log.key));
  CAF_CHECK(is_refused(error_of(log.append(1))));
}

CAF_TEST(blocks that are not what the journal holds are not sealed) {
  auto log = made("sess_a", 3);
  // As behind a failover that lost commits: an event of the same place that another has written.
  factory.database.sql("UPDATE sandbase.journal SET proof = decode(repeat('ab', 16), 'hex') WHERE seq = 2");
  CAF_CHECK(error_of(log.seal({{1, 3}})) == errc::conflict);
  CAF_CHECK_EQUAL(row_of(log).sealed_seq, 0u);
}

CAF_TEST(epochs of a session begin where those of no other do) {
  const auto a = made("sess_a");
  const auto b = made("sess_b");
  CAF_CHECK(a.epoch >> 32 != b.epoch >> 32);
}

CAF_TEST(numbers do not come again where a failover sets the sequences back) {
  const auto first = made("sess_a");
  const auto first_key = must(factory.backend().open_admin())->create_key("one", role::client, "k", at_ms(1));
  for (const auto* sequence : {"sessions_key_seq", "workspaces_id_seq", "api_keys_id_seq"})
    factory.database.sql(std::string{"SELECT setval('sandbase."} + sequence + "', 1, false)");
  const auto second = made("sess_b");
  const auto second_key =
      must(factory.backend().open_admin())->create_key("two", role::client, "k", at_ms(1));
  CAF_CHECK_NOT_EQUAL(first.key, second.key);
  CAF_REQUIRE(first_key && second_key);
  CAF_CHECK_NOT_EQUAL(first_key->key.id, second_key->key.id);
  CAF_CHECK_NOT_EQUAL(first_key->key.workspace, second_key->key.workspace);
  CAF_MESSAGE("and sort by when they were given");
  const auto third = made("sess_c");
  CAF_CHECK_LESS(second.key, third.key);
}

CAF_TEST(what a living node has unsealed is not taken from it) {
  auto log = made("sess_a", 2);
  auto at_other = made("sess_b", 2);
  claim_at(*other, at_other);
  keep_house();
  CAF_CHECK_EQUAL(row_of(log).sealed_seq, 0u);
  CAF_CHECK_EQUAL(row_of(at_other).sealed_seq, 0u);
  CAF_MESSAGE("what a gone one has is");
  other.reset();
  keep_house();
  CAF_CHECK_EQUAL(row_of(log).sealed_seq, 0u);
  CAF_CHECK_EQUAL(row_of(at_other).sealed_seq, 2u);
  CAF_MESSAGE("as what one that is not heard of any more has");
  factory.database.sql("UPDATE sandbase.nodes SET seen_at = seen_at - interval '11 seconds'");
  const auto third = must(factory.backend().open_writer());
  while (must(third->housekeep({at_ms(0), true, [] { return false; }}))) {
  }
  CAF_CHECK_EQUAL(row_of(log).sealed_seq, 2u);
  CAF_CHECK(is_refused(error_of(log.append(1))));
  must_be_sound();
}

CAF_TEST(beside commits a round of housekeeping that found nothing is followed by a rest) {
  auto log = made("sess_a", 1);
  const auto keep_house_beside = [&] {
    return must(writer->housekeep({at_ms(0), false, [] { return false; }}));
  };
  const auto tombstones = [&] { return factory.database.sql("SELECT count(*) FROM sandbase.tombstones"); };
  const auto begin = std::chrono::steady_clock::now();
  while (keep_house_beside()) {
  }
  commit_one(delete_op{log.key, log.epoch});
  keep_house_beside();
  const auto left = tombstones();
  if (std::chrono::steady_clock::now() - begin < std::chrono::seconds{1}) CAF_CHECK_EQUAL(left, "1");
  CAF_CHECK(comes_true([&] {
    keep_house_beside();
    return tombstones() == "0";
  }));
  CAF_MESSAGE("none where there is time");
  auto other_log = made("sess_b", 1);
  commit_one(delete_op{other_log.key, other_log.epoch});
  keep_house();
  CAF_CHECK_EQUAL(tombstones(), "0");
}

CAF_TEST(one that was not seen for ten seconds is not told of) {
  const auto nodes = must(factory.backend().open_node_registry({"b", "b.example:1"}));  // of `other`
  CAF_CHECK_EQUAL(must(nodes->renew({})).size(), 2u);
  factory.database.sql("UPDATE sandbase.nodes SET seen_at = seen_at - interval '9 seconds'");
  const auto seen = must(nodes->renew({}));
  CAF_REQUIRE_EQUAL(seen.size(), 2u);
  for (const auto& n : seen) {
    CAF_CHECK_EQUAL(n.unseen >= std::chrono::seconds{9}, n.id != nodes->self());
    CAF_CHECK_EQUAL(n.name, n.id == nodes->self() ? "b" : "");
  }
  factory.database.sql("UPDATE sandbase.nodes SET seen_at = seen_at - interval '2 seconds'");
  CAF_CHECK_EQUAL(must(nodes->renew({})).size(), 1u);
  keep_house();
  CAF_CHECK_EQUAL(must(nodes->renew({})).size(), 2u);
}

CAF_TEST(the same creation on two nodes at once makes one session) {
  constexpr int rounds = 20;
  for (int round = 0; round < rounds; ++round) {
    std::vector<op_outcome> done(2);
    std::atomic<int> ready = 0;
    const auto create_at = [&](event_store& node, std::size_t i) {
      test_log log{"sess_" + std::to_string(round) + "_" + std::to_string(i)};
      log.workspace = workspace;
      auto op = log.create(1);
      op.idempotency = idempotency_record{"key-" + std::to_string(round), sha256("body"), 0, 0, at_ms(0)};
      const store_op one{op};
      for (++ready; ready < 2;) {
      }
      auto outcomes = node.commit({&one, 1});
      if (outcomes) done[i] = outcomes->front();
    };
    std::thread second{[&] { create_at(*other, 1); }};
    create_at(*writer, 0);
    second.join();
    CAF_CHECK(done[0].error.code == errc::none && done[1].error.code == errc::none);
    CAF_CHECK(done[0].session != 0);
    CAF_CHECK_EQUAL(done[0].session, done[1].session);
    CAF_CHECK(done[0].existed != done[1].existed);
  }
  CAF_CHECK_EQUAL(factory.database.sql("SELECT count(*) FROM sandbase.sessions"), std::to_string(rounds));
}

CAF_TEST(nodes that append in turn to one session each claim it and lose nothing) {
  auto log = made("sess_a");
  for (int i = 0; i < 20; ++i) {
    auto& node = i % 2 == 0 ? *writer : *other;
    CAF_CHECK_EQUAL(claim_at(node, log).unsealed.size(), static_cast<std::size_t>(i));
    CAF_CHECK(error_at(node, log.append(1)) == errc::none);
  }
  CAF_CHECK_EQUAL(jsons_of(claim_at(*other, log).unsealed), log.jsons);
  must_be_sound();
}

CAF_TEST(a read finds a log whole while it is sealed) {
  auto log = made("sess_a", 40);
  const auto whole = [&] {
    const auto end = must(reader->find_session(workspace, "sess_a"));
    // What moves to a segment between the two reads is read from there too.
    commit_one(log.seal({{end->row.sealed_seq + 1, end->row.sealed_seq + 4}}));
    auto all = jsons_of(must(reader->read(log.key, 0, end->row.sealed_seq, 1 << 30)));
    for (auto& json : jsons_of(end->unsealed)) all.push_back(std::move(json));
    return all;
  };
  for (int i = 0; i < 10; ++i) CAF_CHECK_EQUAL(whole(), log.jsons);
}

CAF_TEST_FIXTURE_SCOPE_END()
