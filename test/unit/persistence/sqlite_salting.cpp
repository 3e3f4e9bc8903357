// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_salting
#include "events/log/log_walk.hpp"
#include "persistence/sqlite/sql/connection.hpp"
#include "test/unit/persistence/support/store_fixture.hpp"
#include "test/unit/persistence/support/unsalted_store.hpp"
#include "test/unit/support/temp_dir.hpp"

#include <map>

using namespace sandbase;
using namespace sandbase::test;

namespace {

constexpr std::size_t everything = std::size_t{1} << 30;

struct old_store_fixture {
  temp_dir folder;
  std::string path = folder.file("store.db");
  std::optional<unsalted_store> old{std::in_place, path};
  std::unique_ptr<store_backend> backend;
  std::unique_ptr<event_store> writer;
  std::unique_ptr<event_reader> reader;

  void upgrade() {
    old.reset();
    backend = must(open_backend("sqlite:" + path, false));
    writer = must(backend->open_writer());
    reader = must(backend->open_reader());
  }
  std::string problems() {
    std::string all;
    must(must(backend->open_admin())->check([&](const std::string& p) { all += p + "\n"; }));
    return all;
  }
  /// Every event with its salt, the chain verified. @returns the head
  digest check_log(const unsalted_log& log) {
    log_walk walk;
    std::vector<std::string> jsons;
    must(must(backend->open_admin())->each_slice(log.events.key, 0, everything, [&](const log_slice& slice) {
      for (const auto& span : slice.spans)
        for (auto seq = span.first; seq <= span.last; ++seq) {
          must(walk.step(seq, span.block->json(seq), span.block->proof(seq)));
          CAF_CHECK(!span.block->proof(seq).is_leaf());
          jsons.emplace_back(span.block->json(seq));
        }
      return true;
    }));
    CAF_CHECK_EQUAL(jsons, log.events.jsons);
    return walk.head();
  }
  session_row row_of(const unsalted_log& log) {
    auto rows = must(must(backend->open_admin())->find_sessions(log.events.header.definition->id));
    CAF_REQUIRE_EQUAL(rows.size(), 1u);
    return rows.front();
  }
  void alter(const std::string& sql) {
    sqlite::connection db{path, {sqlite::side::writing, 256, false}};
    db.exec(sql, "cannot change it");
  }
  std::int64_t count(const std::string& what) {
    sqlite::connection db{path, {sqlite::side::writing, 256, false}};
    auto rows = db.prepare("SELECT count(*) FROM " + what);
    rows.step();
    return rows.integer(0);
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_salting, old_store_fixture)

CAF_TEST(wherever its events stand a log gets salts and heads that fit) {
  std::map<std::string, unsalted_log> logs;
  const auto made = [&](const std::string& id, std::size_t events) -> unsalted_log& {
    auto& log = logs.try_emplace(id, id).first->second;
    log.make(events);
    return log;
  };
  auto& sealed = made("sess_sealed", 4);
  sealed.make(1, "acme.step");
  old->add_session(sealed, 5, 5);
  old->add_segment(sealed, 1, 2, 1);
  old->add_segment(sealed, 3, 5, 2);
  auto& unsealed = made("sess_unsealed", 3);
  old->add_session(unsealed, 0, 0);
  auto& both = made("sess_both", 6);
  both.make(1, "session.status_running");
  both.make(2);
  old->add_session(both, 3, 7);
  old->add_segment(both, 1, 3);
  auto& as_sealed = made("sess_as_sealed", 4);
  old->add_session(as_sealed, 2, 2);
  old->add_segment(as_sealed, 1, 2);
  old->add_session(made("sess_empty", 0), 0, 0);
  // Rows of several sessions between each other; those of sealed events and of deleted sessions are dead.
  for (seq_t seq = 1; seq <= 9; ++seq) {
    if (seq <= 3) old->add_row(unsealed, seq);
    old->add_row(both, seq);
    if (seq <= 4) old->add_row(as_sealed, seq);
  }
  old->exec("INSERT INTO journal SELECT id+100, 999, seq, author, head, json FROM journal WHERE seq=1");

  upgrade();
  CAF_CHECK_EQUAL(problems(), "");
  CAF_CHECK_EQUAL(writer->unsealed().sessions, 3u);
  CAF_CHECK(writer->take_damage().empty());
  for (auto& [id, log] : logs) {
    CAF_MESSAGE(id);
    const auto progress = row_of(log).header.progress;
    CAF_CHECK(check_log(log) == progress.tip.head);
    // All else is as it was.
    auto expected = log.progress.back();
    CAF_CHECK_EQUAL(progress.tip.head == expected.tip.head, log.events.jsons.empty());
    expected.tip.head = progress.tip.head;
    expected.tip.updated_at = progress.tip.updated_at;
    CAF_CHECK(progress == expected);
  }
  CAF_CHECK_EQUAL(count("journal"), 3 + 6 + 2);
  CAF_CHECK_EQUAL(count("sqlite_master WHERE name='unsalted_journal'"), 0);
}

CAF_TEST(filters find what they found before) {
  unsalted_log log{"sess_a"};
  log.make(1, "acme.step");
  log.make(1, "session.error");
  log.make(1, "acme.step");
  old->add_session(log, 3, 3);
  old->add_segment(log, 1, 2, 1);
  old->add_segment(log, 3, 3, 2);
  upgrade();
  const auto found = [&](const std::string& type, seq_t after) {
    const auto r = must(reader->search(log.events.key, {after, 3}, {{type}, {}}, [] { return false; }));
    return r.found ? r.reached + 1 : 0;
  };
  CAF_CHECK_EQUAL(found("session.error", 0), 2u);
  CAF_CHECK_EQUAL(found("acme.step", 0), 1u);
  CAF_CHECK_EQUAL(found("acme.step", 1), 3u);
  CAF_CHECK_EQUAL(found("acme.other", 0), 0u);
}

CAF_TEST(a migrated session goes on) {
  unsalted_log log{"sess_a"};
  log.make(4);
  old->add_session(log, 2, 2);
  old->add_segment(log, 1, 2);
  old->add_row(log, 3);
  old->add_row(log, 4);
  upgrade();
  const auto claimed = must(writer->claim(log.events.key));
  log.events.epoch = claimed.epoch;
  const auto& unsealed = claimed.log.unsealed;
  CAF_REQUIRE_EQUAL(unsealed.size(), 2u);
  CAF_CHECK_EQUAL(unsealed.back().author, 7);
  log.events.header.progress = must(recover_log(claimed.log.row, unsealed)).header.progress;
  const auto op = log.events.append(2);
  for (const auto& outcome : must(writer->commit(std::vector<store_op>{op})))
    CAF_CHECK(outcome.error.code == errc::none);
  CAF_CHECK_EQUAL(problems(), "");
  CAF_CHECK(check_log(log) == log.events.header.progress.tip.head);
}

CAF_TEST(what did not fit its chain stays as it is and is found) {
  unsalted_log sound{"sess_sound"};
  unsalted_log segment{"sess_segment"};
  unsalted_log chain{"sess_chain"};
  unsalted_log row{"sess_row"};
  unsalted_log head{"sess_head"};
  for (auto* log : {&sound, &segment, &chain, &row, &head}) {
    log->make(7);
    old->add_session(*log, 6, 6);
    old->add_segment(*log, 1, 2);
    if (log == &chain) {
      auto forged = *log;
      forged.events.jsons[2].replace(forged.events.jsons[2].find("xxx"), 3, "yyy");
      old->add_segment(forged, 3, 4);
    } else {
      old->add_segment(*log, 3, 4);
    }
    old->add_segment(*log, 5, 6);
    old->add_row(*log, 7);
  }
  old->exec("UPDATE segments SET checksum=checksum+1 WHERE first_seq=3 AND session=" +
            std::to_string(segment.events.key));
  old->exec("UPDATE journal SET json=x'00' WHERE session=" + std::to_string(row.events.key));
  old->exec("UPDATE sessions SET sealed_head=x'00' WHERE key=" + std::to_string(head.events.key));

  upgrade();
  const auto all = problems();
  CAF_CHECK(all.find("sess_sound") == std::string::npos);
  for (const std::string id : {"sess_segment", "sess_chain", "sess_row", "sess_head"}) {
    CAF_MESSAGE(id);
    CAF_CHECK(all.find(id) != std::string::npos);
  }
  check_log(sound);
  const auto read = [&](const unsalted_log& log, seq_t after, seq_t up_to) {
    const auto slice = reader->read(log.events.key, after, up_to, everything);
    return slice ? jsons_of(*slice)
                 : std::vector<std::string>{std::to_string(static_cast<int>(slice.error().code))};
  };
  const std::vector<std::string> corrupt{std::to_string(static_cast<int>(errc::corrupt))};
  for (auto* log : {&segment, &chain}) {
    CAF_CHECK_EQUAL(read(*log, 0, 2), log->events.range(1, 2));
    CAF_CHECK_EQUAL(read(*log, 2, 4), corrupt);
    CAF_CHECK_EQUAL(read(*log, 4, 6), log->events.range(5, 6));
  }
  CAF_CHECK_EQUAL(writer->take_damage().size(), 2u);
  for (auto* log : {&sound, &segment, &chain})
    CAF_CHECK(code_of(writer->claim(log->events.key)) == errc::none);
  for (auto* log : {&row, &head}) CAF_CHECK(code_of(writer->claim(log->events.key)) == errc::corrupt);
}

CAF_TEST(no freed page keeps its bytes) {
  unsalted_log log{"sess_a"};
  log.make(2);
  old->add_session(log, 2, 2);
  old->add_segment(log, 1, 2);
  old->exec("PRAGMA secure_delete=FAST");
  std::string marker = "what was deleted long ago ";
  for (int i = 0; i < 12; ++i) marker += marker;
  old->exec("INSERT INTO secrets VALUES('x', '" + marker + "')");
  old->exec("PRAGMA wal_checkpoint(TRUNCATE); DELETE FROM secrets; PRAGMA wal_checkpoint(TRUNCATE)");
  const auto in_file = [&] { return folder.read("store.db").find("deleted long ago") != std::string::npos; };
  CAF_CHECK(in_file());
  upgrade();
  alter("PRAGMA wal_checkpoint(TRUNCATE)");
  CAF_CHECK(!in_file());
  CAF_CHECK_EQUAL(problems(), "");
}

CAF_TEST(a migration that fails leaves nothing of it) {
  unsalted_log log{"sess_a"};
  log.make(4);
  old->add_session(log, 2, 4);
  old->add_segment(log, 1, 2);
  old->add_row(log, 3);
  old->add_row(log, 4);
  old->exec(
      "CREATE TRIGGER t BEFORE UPDATE ON sessions BEGIN SELECT raise(ABORT, "
      "'no'); END");
  old.reset();
  backend = must(open_backend("sqlite:" + path, false));
  CAF_CHECK(code_of(backend->open_writer()) != errc::none);
  CAF_CHECK_EQUAL(count("pragma_user_version WHERE user_version=4"), 1);
  CAF_CHECK_EQUAL(count("journal"), 2);
  CAF_CHECK_EQUAL(count("segments WHERE substr(hex(marks), 19, 2)='02'"), 1);
  alter("DROP TRIGGER t");
  upgrade();
  CAF_CHECK_EQUAL(problems(), "");
  check_log(log);
}

CAF_TEST_FIXTURE_SCOPE_END()
