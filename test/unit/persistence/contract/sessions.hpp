// SPDX-License-Identifier: Apache-2.0
// Store contract: sessions are found, listed and deleted.
#pragma once

#include "test/unit/persistence/support/store_fixture.hpp"

namespace sessions_contract {

using namespace sandbase;
using namespace sandbase::test;

// Another type in each suite that includes this.
namespace {
struct sessions_fixture : store_fixture<store_factory> {
  std::vector<std::string> ids(const session_page& page) {
    std::vector<std::string> all;
    for (const auto& row : page.rows) all.push_back(row.header.definition->id);
    return all;
  }
  std::vector<std::string> list(const session_query& query) { return ids(page(query)); }
  session_page page(const session_query& query) {
    return must(reader->list_sessions(query, [this] {
      ++looked_at;
      return false;
    }));
  }
  /// Rows that lists have looked at.
  int looked_at = 0;
  session_query query() const {
    session_query q;
    q.workspace = workspace;
    q.ascending = true;
    return q;
  }
  using names = std::vector<std::string>;
};
}  // namespace

CAF_TEST_FIXTURE_SCOPE(sessions_contract, sessions_fixture)

CAF_TEST(a session is found in its workspace only) {
  const auto log = made("sess_a", 2);
  const auto other = must(writer->workspace("other", true));
  const auto end = must(reader->find_session(workspace, "sess_a"));
  CAF_REQUIRE(end.has_value());
  const auto* row = &end->row;
  CAF_CHECK_EQUAL(row->key, log.key);
  CAF_CHECK_EQUAL(row->workspace, workspace);
  CAF_CHECK(row->header.progress == log.header.progress);
  CAF_CHECK_EQUAL(row->header.definition->environment_id, "env_1");
  const auto by_key = must(reader->find_session(log.key));
  CAF_REQUIRE(by_key.has_value());
  CAF_CHECK_EQUAL(by_key->row.header.definition->id, "sess_a");
  CAF_CHECK_EQUAL(jsons_of(by_key->unsealed), log.jsons);
  CAF_CHECK(!must(reader->find_session(session_key{9'999})));
  CAF_CHECK(!must(reader->find_session(other, "sess_a")));
  CAF_CHECK(!must(reader->find_session(workspace, "sess_b")));
}

CAF_TEST(ids are unique within a workspace) {
  auto first = made("sess_a");
  auto again = test_log{"sess_a"};
  again.workspace = workspace;
  CAF_CHECK(error_of(again.create(1)) == errc::conflict);
  again = test_log{"sess_a"};
  again.workspace = must(writer->workspace("other", true));
  CAF_CHECK_NOT_EQUAL(commit_one(again.create(1)).session, first.key);
}

CAF_TEST(a workspace is made once) {
  CAF_CHECK_EQUAL(must(writer->workspace("main", false)), workspace);
  CAF_CHECK_EQUAL(must(writer->workspace("main", true)), workspace);
  CAF_CHECK(code_of(writer->workspace("none", false)) == errc::not_found);
  CAF_CHECK(code_of(writer->workspace("", true)) == errc::invalid);
}

CAF_TEST(a list shows ends that stand in no row yet) {
  auto log = made("sess_a", 1);
  commit_one(log.append(4));
  const auto page = must(reader->list_sessions(query(), [] { return false; }));
  CAF_REQUIRE_EQUAL(page.rows.size(), 1u);
  CAF_CHECK(copied(page.rows.front().header.progress.tip) == log.header.progress.tip);
  auto op = log.append_nothing();
  log.add(op, log.make("session.status_running"));
  op.header = log.shared_header();
  op.redefines = true;
  commit({op, log.append(2)});
  const auto later = must(reader->list_sessions(query(), [] { return false; }));
  CAF_CHECK(copied(later.rows.front().header.progress.tip) == log.header.progress.tip);
  CAF_CHECK(later.rows.front().header.progress.status == session_status::running);
}

CAF_TEST(pages run in both directions without a gap) {
  names all;
  for (int i = 0; i < 7; ++i) {
    all.push_back("sess_" + std::to_string(i));
    made(all.back(), 0, at_ms(i / 3));  // some share their time
  }
  must(writer->workspace("other", true));
  for (const bool ascending : {true, false}) {
    auto q = query();
    q.ascending = ascending;
    q.limit = 2;
    names walked;
    for (bool more = true; more;) {
      const auto found = page(q);
      for (const auto& id : ids(found)) walked.push_back(id);
      more = found.more;
      CAF_CHECK_EQUAL(found.rows.size(), more ? 2u : 1u);
      CAF_CHECK(found.reached == place_of(found.rows.back()));
      q.after = found.reached;
    }
    auto expected = all;
    if (!ascending) std::reverse(expected.begin(), expected.end());
    CAF_CHECK_EQUAL(walked, expected);
  }
  auto q = query();
  q.limit = 7;
  CAF_CHECK(!page(q).more);
}

CAF_TEST(lists are filtered) {
  const auto add = [&](const std::string& id, const std::string& agent, int version, int created) {
    test_log log{id, at_ms(created)};
    log.header.definition.edit().agent_id = agent;
    log.header.definition.edit().agent_version = version;
    store(log);
    return log;
  };
  add("sess_a", "agent_1", 1, 10);
  add("sess_b", "agent_1", 2, 20);
  auto running = add("sess_c", "agent_2'; --", 1, 30);
  auto archived = add("sess_d", "agent_1", 1, 40);
  auto op = running.append_nothing();
  running.add(op, running.make("session.status_running"));
  op.header = running.shared_header();
  commit_one(op);
  op = archived.append_nothing();
  archived.header.definition.edit().archived_at = at_ms(50);
  op.header = archived.shared_header();
  op.redefines = true;
  commit_one(op);

  const auto with = [&](const auto& change) {
    auto q = query();
    change(q);
    return list(q);
  };
  CAF_CHECK_EQUAL(with([](auto&) {}), (names{"sess_a", "sess_b", "sess_c"}));
  CAF_CHECK_EQUAL(with([](auto& q) { q.include_archived = true; }),
                  (names{"sess_a", "sess_b", "sess_c", "sess_d"}));
  CAF_CHECK_EQUAL(with([](auto& q) { q.agent_id = "agent_1"; }), (names{"sess_a", "sess_b"}));
  CAF_CHECK_EQUAL(with([](auto& q) { q.agent_id = "agent_2'; --"; }), (names{"sess_c"}));
  CAF_CHECK_EQUAL(with([](auto& q) { q.agent_version = 1; }), (names{"sess_a", "sess_c"}));
  CAF_CHECK_EQUAL(with([](auto& q) { q.statuses = {session_status::running}; }), (names{"sess_c"}));
  CAF_CHECK_EQUAL(with([](auto& q) {
                    q.statuses = {session_status::idle, session_status::running};
                  }),
                  (names{"sess_a", "sess_b", "sess_c"}));
  CAF_CHECK_EQUAL(with([](auto& q) { q.created_gt = at_ms(10); }), (names{"sess_b", "sess_c"}));
  CAF_CHECK_EQUAL(with([](auto& q) { q.created_gte = at_ms(20), q.created_lte = at_ms(20); }),
                  (names{"sess_b"}));
  CAF_CHECK_EQUAL(with([](auto& q) { q.created_lt = at_ms(20); }), (names{"sess_a"}));
  CAF_CHECK_EQUAL(with([](auto& q) { q.workspace = 4711; }), (names{}));
}

CAF_TEST(sessions are found by their memory store) {
  for (const std::string id : {"sess_a", "sess_b", "sess_c", "sess_d"}) {
    test_log log{id};
    if (id != "sess_c")
      log.header.definition.edit().resources = R"([{"type":"memory_store","memory_store_id":")" +
                                               std::string{id == "sess_b" ? "m_2" : "m_1"} + "\"}]";
    store(log);
  }
  auto q = query();
  q.memory_store_id = "m_1";
  CAF_CHECK_EQUAL(list(q), (names{"sess_a", "sess_d"}));
  q.limit = 1;
  CAF_CHECK(page(q).more);
  q.memory_store_id = "m_2";
  CAF_CHECK_EQUAL(list(q), (names{"sess_b"}));
  CAF_CHECK(!page(q).more);
  q.memory_store_id = "m_3";
  CAF_CHECK_EQUAL(list(q), (names{}));
}

CAF_TEST(sessions are found by their deployment) {
  for (const std::string id : {"sess_a", "sess_b", "sess_c"}) {
    test_log log{id};
    if (id != "sess_b") log.header.definition.edit().deployment_id = id == "sess_a" ? "depl_1" : "depl_2";
    store(log);
  }
  auto q = query();
  q.deployment_id = "depl_2";
  CAF_CHECK_EQUAL(list(q), (names{"sess_c"}));
  q.deployment_id = "depl_3";
  CAF_CHECK_EQUAL(list(q), (names{}));
}

CAF_TEST(archived sessions and those of other agents are not looked at) {
  for (int i = 0; i < 60; ++i) {
    test_log log{"sess_" + std::to_string(i), at_ms(i)};
    log.header.definition.edit().agent_id = i % 20 == 7 ? "agent_rare" : "agent_1";
    store(log);
    if (i % 10 == 0) continue;
    auto op = log.append_nothing();
    log.header.definition.edit().archived_at = at_ms(100);
    op.header = log.shared_header();
    op.redefines = true;
    commit_one(op);
  }
  auto q = query();
  q.limit = 100;
  const auto looks = [&](std::size_t shown) {
    looked_at = 0;
    CAF_CHECK_EQUAL(list(q).size(), shown);
    return looked_at;
  };
  CAF_CHECK_EQUAL(looks(6), 6);
  q.agent_id = "agent_rare";
  CAF_CHECK_EQUAL(looks(0), 0);
  q.include_archived = true;
  CAF_CHECK_EQUAL(looks(3), 3);
  q.statuses = {session_status::running};
  CAF_CHECK_EQUAL(looks(0), 3);
}

CAF_TEST(a walk ends where it is told to and goes on there) {
  for (int i = 0; i < 10; ++i) {
    test_log log{"sess_" + std::to_string(i), at_ms(i / 2)};
    log.header.definition.edit().agent_version = i % 5 == 4 ? 2 : 1;
    store(log);
  }
  for (const bool ascending : {true, false}) {
    auto q = query();
    q.ascending = ascending;
    q.agent_version = 2;
    names found;
    int calls = 0;
    for (bool more = true; more; ++calls) {
      const auto part = must(reader->list_sessions(q, [] { return true; }));
      for (const auto& id : ids(part)) found.push_back(id);
      more = part.more;
      CAF_REQUIRE(!more || part.reached.has_value());
      q.after = part.reached;
    }
    CAF_CHECK_EQUAL(calls, 11);
    CAF_CHECK_EQUAL(found, ascending ? (names{"sess_4", "sess_9"}) : (names{"sess_9", "sess_4"}));
  }
  auto q = query();
  q.max_bytes = 1;
  const auto one = page(q);
  CAF_CHECK_EQUAL(one.rows.size(), 1u);
  CAF_CHECK(one.more);
}

CAF_TEST(a deleted session is gone at once) {
  auto log = made("sess_a", 3);
  commit_one(log.seal({{1, 2}}));
  commit_one(delete_op{log.key, log.epoch});
  CAF_CHECK(!must(reader->find_session(workspace, "sess_a")));
  CAF_CHECK(code_of(writer->claim(log.key)) == errc::not_found);
  CAF_CHECK(list(query()).empty());
  // Events that are not swept yet may be read by who knows the key; a gap never looks like an empty log.
  const auto rest = reader->read(log.key, 0, max_told_seq, 1 << 30);
  CAF_CHECK(rest ? !rest->empty() : rest.error().code == errc::not_found);
  CAF_CHECK(!must(reader->find_event(log.key, log.id_of(1))));
  CAF_CHECK(error_of(delete_op{log.key, log.epoch}) == errc::fenced);
  CAF_CHECK(is_refused(error_of(log.append(1))));
  reopen();
  CAF_CHECK_EQUAL(writer->unsealed().sessions, 0u);
  keep_house();
  CAF_CHECK(code_of(reader->read(log.key, 0, max_told_seq, 1 << 30)) == errc::not_found);
  CAF_CHECK(code_of(reader->read_back(log.key, 1, max_told_seq, 1 << 30)) == errc::not_found);
  CAF_CHECK(code_of(reader->search(log.key, {0, 10, false}, {{"no.such_type"}, {}}, [] { return false; })) ==
            errc::not_found);
  must_be_sound();
}

CAF_TEST(who deleted a session is known for some minutes) {
  const auto log = made("sess_a", 1);
  CAF_CHECK(!must(reader->find_deletion(workspace, "sess_a")));
  commit_one(delete_op{log.key, log.epoch, 7, at_ms(5)});
  keep_house(at_ms(5));  // which leaves nothing of the session itself
  const auto kept = must(reader->find_deletion(workspace, "sess_a"));
  CAF_REQUIRE(kept.has_value());
  CAF_CHECK_EQUAL(kept->author, 7);
  CAF_CHECK(kept->at == at_ms(5));
  CAF_CHECK(!must(reader->find_deletion(workspace + 1, "sess_a")));
  CAF_CHECK(!must(reader->find_deletion(workspace, "sess_b")));
  CAF_MESSAGE("the last one of several counts");
  const auto again = made("sess_a", 1);
  commit_one(delete_op{again.key, again.epoch, 8, at_ms(6)});
  CAF_CHECK_EQUAL(copied(must(reader->find_deletion(workspace, "sess_a"))->author), 8);
  reopen();
  keep_house(at_ms(5) + deletion_ttl);
  CAF_CHECK(must(reader->find_deletion(workspace, "sess_a")).has_value());
  reopen();
  keep_house(at_ms(6) + deletion_ttl);
  CAF_CHECK(!must(reader->find_deletion(workspace, "sess_a")));
  must_be_sound();
}

CAF_TEST(an append behind a deletion in the same commit fails alone) {
  auto a = made("sess_a", 1);
  auto b = made("sess_b", 1);
  const auto outcomes = commit({a.append(1), delete_op{a.key, a.epoch}, a.append(1), b.append(1)});
  CAF_CHECK(outcomes[0].error.code == errc::none);
  CAF_CHECK(outcomes[1].error.code == errc::none);
  CAF_CHECK(is_refused(outcomes[2].error.code));
  CAF_CHECK(outcomes[3].error.code == errc::none);
}

CAF_TEST(internal keys are never used again but ids may be) {
  auto first = made("sess_a", 3);
  commit_one(first.seal({{1, 3}}));
  commit_one(delete_op{first.key, first.epoch});
  auto second = made("sess_a", 1);
  CAF_CHECK_GREATER(second.key, first.key);
  commit_one(delete_op{second.key, second.epoch});
  keep_house();
  reopen();
  const auto third = made("sess_a");
  CAF_CHECK_GREATER(third.key, second.key);
  CAF_CHECK(read_all(third).empty());
}

CAF_TEST(what deleted sessions leave is swept in steps) {
  auto keep = made("sess_keep", 2);
  commit_one(keep.seal({{1, 2}}));
  auto log = made("sess_a");
  constexpr seq_t events = 40;
  for (seq_t seq = 1; seq <= events; ++seq) {
    auto op = log.append(1, 100'000);
    op.foreign_ids = {{"evt_" + std::to_string(seq), seq}};
    op.idempotency = idempotency_record{"key-" + std::to_string(seq), {}, seq, seq, at_ms(0)};
    commit({op, log.seal({{seq, seq}})});
  }
  commit_one(delete_op{log.key, log.epoch});
  int steps = 1;
  while (must(writer->housekeep({at_ms(0), true, [] { return true; }}))) ++steps;
  CAF_CHECK_GREATER_OR_EQUAL(steps, 4);  // 4 MB in steps of about 1 MiB
  CAF_CHECK(!must(reader->find_idempotency(workspace, log.key, "key-1")));
  CAF_CHECK_EQUAL(read_all(keep), keep.jsons);
  must_be_sound();
}

CAF_TEST_FIXTURE_SCOPE_END()

}  // namespace sessions_contract
