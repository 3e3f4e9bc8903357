// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE memory_faults
#include "test/unit/persistence/support/memory_nodes.hpp"
#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST_FIXTURE_SCOPE(memory_faults, memory_nodes_fixture)

// --- commits whose outcome is unknown ----------------------------------------------------------

CAF_TEST(after an unknown outcome a claim tells what is stored and that stays so) {
  struct way {
    link_fault fault;
    fate at_claim;
    bool is_stored;
  };
  int n = 0;
  for (const auto& [fault, at_claim, is_stored] :
       std::initializer_list<way>{{link_fault::answer_lost, fate::lands, true},
                                  {link_fault::late, fate::lands, true},
                                  {link_fault::late, fate::vanishes, false},
                                  {link_fault::late, fate::waits, false},
                                  {link_fault::cut, fate::lands, true},
                                  {link_fault::cut, fate::waits, false}})
    for (auto* claimer : {&a, &b}) {
      auto log = made("sess_" + std::to_string(n++), 2);
      const auto before = log;
      a.fail_next(store_call::commit, fault);
      CAF_CHECK(a.code_of_commit({log.append(1)}) == errc::unknown_outcome);
      a.backend.link().is_up = true;
      database->at_claim = [told = at_claim] { return told; };
      if (!is_stored) log = before;
      CAF_CHECK_EQUAL(jsons_of(claimer->claim(log).unsealed), log.jsons);
      land_all();
      CAF_CHECK_EQUAL(b.read_all(log), log.jsons);
      claimer->commit_one(log.append(1));
      CAF_CHECK_EQUAL(a.read_all(log), log.jsons);
    }
  must_be_sound();
}

CAF_TEST(a late commit lands behind others that were answered) {
  auto log = made("sess_a", 1);
  auto other = made("sess_b");
  const auto before = log.jsons;
  a.fail_next(store_call::commit, link_fault::late);
  CAF_CHECK(a.code_of_commit({log.append(2)}) == errc::unknown_outcome);
  a.commit_one(other.append(1));
  CAF_CHECK_EQUAL(b.read_all(log), before);
  database->land();
  CAF_CHECK_EQUAL(b.read_all(log), log.jsons);
  CAF_CHECK_EQUAL(jsons_of(a.claim(log).unsealed), log.jsons);
}

CAF_TEST(behind an unknown outcome nothing is stored before a claim) {
  auto log = made("sess_a");
  a.fail_next(store_call::commit, link_fault::late);
  CAF_CHECK(a.code_of_commit({log.append(1)}) == errc::unknown_outcome);
  const auto stored = log;
  CAF_CHECK(is_refused(a.error_of(log.append(1))));
  database->land();
  log = stored;
  CAF_CHECK(is_refused(a.error_of(log.append(1))));  // it would fit
  log = stored;
  a.claim(log);
  a.commit_one(log.append(1));
  CAF_CHECK_EQUAL(a.read_all(log), log.jsons);
}

CAF_TEST(a claim voids of a late commit only what is of its own session) {
  auto mine = made("sess_a", 1);
  auto other = made("sess_b", 1);
  const auto before = mine;
  a.fail_next(store_call::commit, link_fault::late);
  CAF_CHECK(a.code_of_commit({mine.append(1), other.append(1)}) == errc::unknown_outcome);
  database->at_claim = [] { return fate::waits; };
  mine = before;
  b.claim(mine);
  land_all();
  CAF_CHECK_EQUAL(a.read_all(mine), before.jsons);
  CAF_CHECK_EQUAL(a.read_all(other), other.jsons);
}

CAF_TEST(a creation whose answer is lost is made once) {
  for (const bool lands_first : {true, false}) {
    const std::string name = lands_first ? "first" : "later";
    const auto creation = [&](const std::string& id) {
      test_log log{id};
      log.workspace = workspace;
      auto op = log.create(1);
      op.idempotency = idempotency_record{name, {}, 0, 0, at_ms(0)};
      return op;
    };
    a.fail_next(store_call::commit, link_fault::late);
    CAF_CHECK(a.code_of_commit({creation("sess_a_" + name)}) == errc::unknown_outcome);
    if (lands_first) database->land();
    CAF_CHECK_EQUAL(b.commit_one(creation("sess_b_" + name)).existed, lands_first);
    land_all();
    CAF_CHECK_EQUAL(must(a.reader->find_session(workspace, "sess_a_" + name)).has_value(), lands_first);
    CAF_CHECK_EQUAL(must(a.reader->find_session(workspace, "sess_b_" + name)).has_value(), !lands_first);
  }
}

// --- connections -----------------------------------------------------------------------------

CAF_TEST(a refused commit has written nothing and may be tried again) {
  auto log = made("sess_a", 1);
  const auto before = log;
  a.fail_next(store_call::commit, link_fault::refused);
  CAF_CHECK(a.code_of_commit({log.append(1)}) == errc::unavailable);
  CAF_CHECK_EQUAL(a.read_all(log), before.jsons);
  log = before;
  CAF_CHECK_EQUAL(jsons_of(a.claim(log).unsealed), before.jsons);
  a.commit_one(log.append(1));
}

CAF_TEST(without a connection every call is unavailable to that node alone) {
  auto log = made("sess_a", 1);
  const auto before = log;
  auto admin = must(a.backend.open_admin());
  a.fail_next(store_call::commit, link_fault::cut);
  CAF_CHECK(a.code_of_commit({log.append(1)}) == errc::unknown_outcome);
  const auto no = [] { return false; };
  const auto is_unavailable = [](const auto& r) { return code_of(r) == errc::unavailable; };
  CAF_CHECK(a.code_of_commit({before.append_nothing()}) == errc::unavailable);
  CAF_CHECK(is_unavailable(a.writer->claim(log.key)));
  CAF_CHECK(is_unavailable(a.writer->housekeep({at_ms(0), true, no})));
  CAF_CHECK(is_unavailable(a.writer->workspace("main", true)));
  CAF_CHECK(is_unavailable(a.writer->secret("tokens")));
  CAF_CHECK(is_unavailable(a.reader->find_session(workspace, "sess_a")));
  CAF_CHECK(is_unavailable(a.reader->list_sessions({}, no)));
  CAF_CHECK(is_unavailable(a.reader->read(log.key, 0, 1, 1)));
  CAF_CHECK(is_unavailable(a.reader->read_back(log.key, 0, 1, 1)));
  CAF_CHECK(is_unavailable(a.reader->search(log.key, {0, 1, false}, {}, no)));
  CAF_CHECK(is_unavailable(a.reader->find_event(log.key, log.id_of(1))));
  CAF_CHECK(is_unavailable(a.reader->find_idempotency(workspace, log.key, "key")));
  CAF_CHECK(is_unavailable(a.reader->find_key(api_key_id{1})));
  CAF_CHECK(is_unavailable(admin->list_keys()));
  CAF_CHECK(is_unavailable(a.backend.open_reader()));
  CAF_CHECK(b.reader->find_session(workspace, "sess_a"));

  a.backend.link().is_up = true;
  CAF_CHECK_EQUAL(jsons_of(a.claim(log).unsealed), log.jsons);
  a.commit_one(log.append(1));
}

CAF_TEST(a claim whose answer is lost voids the writer before all the same) {
  auto log = made("sess_a", 1);
  b.fail_next(store_call::claim, link_fault::answer_lost);
  CAF_CHECK(code_of(b.writer->claim(log.key)) == errc::unavailable);
  auto old = log;
  CAF_CHECK(is_refused(a.error_of(old.append(1))));
  CAF_CHECK_EQUAL(jsons_of(b.claim(log).unsealed), log.jsons);
  b.commit_one(log.append(1));
}

CAF_TEST(what a dead node left is sealed by another and what it sent may still land) {
  auto log = made("sess_a", 3);
  const auto before = log;
  CAF_CHECK(!b.keep_house());
  CAF_CHECK(jsons_of(must(b.reader->read(log.key, 0, 9, 1 << 20))).empty());  // it has a writer
  a.fail_next(store_call::commit, link_fault::late);
  CAF_CHECK(a.code_of_commit({log.append(1)}) == errc::unknown_outcome);
  a.end();
  CAF_CHECK(!b.keep_house());
  CAF_CHECK_EQUAL(jsons_of(must(b.reader->read(log.key, 0, 9, 1 << 20))), before.jsons);
  database->land();
  CAF_CHECK_EQUAL(b.read_all(log), log.jsons);
  CAF_CHECK(!b.keep_house());
  CAF_CHECK_EQUAL(jsons_of(must(b.reader->read(log.key, 0, 9, 1 << 20))), log.jsons);
  b.claim(log);
  b.commit_one(log.append(1));
  must_be_sound();
}

CAF_TEST(a node that let go while it had no connection says so later) {
  auto log = made("sess_a", 1);
  a.backend.link().is_up = false;
  a.writer->release(log.key, log.epoch);
  CAF_CHECK(!b.keep_house());
  CAF_CHECK_EQUAL(b.writer->unsealed().sessions, 1u);
  a.backend.link().is_up = true;
  a.keep_house();
  CAF_CHECK_EQUAL(b.writer->unsealed().sessions, 0u);
}

CAF_TEST(a node locks its own store and none has a backup) {
  auto lock = must(a.backend.lock("serve"));
  CAF_CHECK(code_of(a.backend.lock("import")) == errc::conflict);
  must(b.backend.lock("serve"));
  lock.reset();
  must(a.backend.lock("import"));
  CAF_CHECK(code_of(a.backend.backup("elsewhere", {})) == errc::invalid);
}

CAF_TEST_FIXTURE_SCOPE_END()
