// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sqlite_damage
#include "persistence/api_keys.hpp"
#include "persistence/sqlite/sql/connection.hpp"
#include "test/unit/persistence/support/raw_database.hpp"
#include "test/unit/persistence/support/sqlite_factory.hpp"

#include <fstream>
#include <sstream>

using namespace sandbase;
using namespace sandbase::test;

namespace {

constexpr std::size_t everything = std::size_t{1} << 30;

struct damage_fixture : store_fixture<sqlite_factory> {
  test_log sound = made("sess_sound", 4);
  test_log hurt = made("sess_hurt", 6);

  damage_fixture() {
    commit_one(sound.seal({{1, 2}}));
    commit_one(hurt.seal({{1, 1}, {2, 3}}));
  }

  void alter(const std::string& sql) {
    sqlite::connection db{factory.path, {sqlite::side::writing, 256, false}};
    db.exec(sql, "cannot spoil it");
  }
  /// Another table's page in the place of a table's first one, as a write that went astray leaves it.
  void begin_table_at(const std::string& table, const std::string& other) {
    alter(
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET rootpage=(SELECT rootpage FROM sqlite_schema "
        "WHERE name='" +
        other + "') WHERE name='" + table + "'");
    reopen();
  }
  /// The first page of those that match, in the order of their tree, is zeros.
  void lose_page(const std::string& which) {
    close();
    spoil_page(std::stoll(raw_database{factory.path}.ask("SELECT pageno FROM dbstat WHERE " + which +
                                                         " ORDER BY path LIMIT 1")),
               '\0');
    reopen();
  }
  /// The first of the pages that list those that nothing uses (https://www.sqlite.org/fileformat.html).
  void spoil_list_of_unused() {
    close();
    std::ifstream file{factory.path, std::ios::binary};
    constexpr int place_in_header = 32;
    file.seekg(place_in_header);
    std::int64_t page = 0;
    for (int n = 0; n < 4; ++n) page = page << 8 | file.get();
    CAF_REQUIRE(page != 0);
    spoil_page(page, '\xff');
    reopen();
  }
  /// Leaves one file.
  void close() {
    reader.reset();
    writer.reset();
    raw_database{factory.path}.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  void spoil_page(std::int64_t page, char with) {
    constexpr std::int64_t page_bytes = 8192;
    std::fstream file{factory.path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp((page - 1) * page_bytes);
    file << std::string(page_bytes, with);
  }
  std::int64_t count_of(const std::string& rows) {
    return std::stoll(raw_database{factory.path}.ask("SELECT count(*) FROM " + rows));
  }
  std::int64_t journal_rows() { return count_of("journal"); }
  /// So many more sessions, each with a segment.
  void make_sealed(int count) {
    std::vector<test_log> logs;
    std::vector<store_op> ops;
    for (int n = 0; n < count; ++n) {
      logs.emplace_back("sess_more" + std::to_string(n));
      logs.back().workspace = workspace;
      ops.emplace_back(logs.back().create(1));
    }
    const auto made = commit(ops);
    ops.clear();
    for (std::size_t n = 0; n < logs.size(); ++n) {
      logs[n].key = made[n].session;
      claim(logs[n]);
      ops.emplace_back(logs[n].seal({{1, 1}}));
    }
    for (const auto& done : commit(ops)) CAF_REQUIRE(done.error.code == errc::none);
  }
  std::vector<std::string> problems() {
    std::vector<std::string> all;
    const auto report =
        must(must(factory.backend().open_admin())->check([&](const std::string& p) { all.push_back(p); }));
    CAF_CHECK_EQUAL(static_cast<std::size_t>(report.problems), all.size());
    for (const auto& p : all) CAF_MESSAGE(p);
    return all;
  }
  std::string hurt_where() const { return " WHERE session=" + std::to_string(hurt.key); }

  /// The other session is as good as ever, the hurt one is closed to everything but deletion.
  void check_hurt_is_set_apart() {
    CAF_CHECK_EQUAL(writer->take_damage().size(), 1u);
    CAF_CHECK_EQUAL(writer->unsealed().set_aside, 1u);
    CAF_CHECK(code_of(writer->claim(hurt.key)) == errc::corrupt);
    CAF_CHECK(code_of(reader->find_session(workspace, "sess_hurt")) == errc::corrupt);
    claim(sound);
    const auto outcomes = commit({hurt.append(1), sound.append(1)});
    CAF_CHECK(outcomes[0].error.code == errc::corrupt);
    CAF_CHECK(outcomes[1].error.code == errc::none);
  }

  /// It takes no events any more; else it is as good as the other.
  void check_hurt_is_set_aside() {
    CAF_CHECK_EQUAL(writer->take_damage().size(), 1u);
    CAF_CHECK_EQUAL(writer->unsealed().set_aside, 1u);
    CAF_CHECK_EQUAL(last_of(hurt), hurt.last());
    CAF_CHECK_EQUAL(unsealed_of(hurt).size(), 1u);
    claim(sound);
    auto refused = hurt;
    const auto outcomes = commit({refused.append(1), sound.append(1)});
    CAF_CHECK(outcomes[0].error.code == errc::corrupt);
    CAF_CHECK(outcomes[1].error.code == errc::none);
    keep_house();
    CAF_CHECK_GREATER(count_of("journal" + hurt_where()), 0);
    claim(hurt);
    commit_one(delete_op{hurt.key, hurt.epoch});
    CAF_CHECK_EQUAL(writer->unsealed().set_aside, 0u);
    keep_house();
    CAF_CHECK_EQUAL(count_of("journal" + hurt_where()), 0);
  }
  /// So many segments, in which the marks do not fit the first page.
  void seal_many(test_log& log, int segments) {
    constexpr std::size_t events = 420;
    for (int n = 0; n < segments; ++n) {
      claim(log);
      const auto before = log.last();
      commit_one(log.append(events, 60));
      commit_one(log.seal({{before + 1, log.last()}}));
    }
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_damage, damage_fixture)

CAF_TEST(a flipped byte in the file is found and not served) {
  must(writer->checkpoint());
  reader.reset();
  writer.reset();
  std::fstream file{factory.path, std::ios::binary | std::ios::in | std::ios::out};
  std::ostringstream all;
  all << file.rdbuf();
  const auto frame = std::string{hurt.block(2, 2)->frames()};
  const auto at = all.str().find(frame);
  CAF_REQUIRE_NOT_EQUAL(at, std::string::npos);
  file.seekp(static_cast<std::streamoff>(at + frame.size() / 2));
  file.put(static_cast<char>(frame[frame.size() / 2] ^ 1));
  file.close();
  reopen();
  CAF_CHECK_EQUAL(jsons_of(must(reader->read(hurt.key, 0, 1, everything))), hurt.range(1, 1));
  CAF_CHECK(code_of(reader->read(hurt.key, 0, 2, everything)) == errc::corrupt);
  CAF_CHECK(code_of(reader->read_back(hurt.key, 1, 3, everything)) == errc::corrupt);
  CAF_CHECK(code_of(reader->find_event(hurt.key, hurt.id_of(3))) == errc::corrupt);
  CAF_CHECK_EQUAL(read_all(sound), sound.range(1, 2));
  const auto found = problems();
  CAF_REQUIRE(!found.empty());
  CAF_CHECK(found.front().find("sess_hurt") != std::string::npos);
}

CAF_TEST(a missing segment is found and not skipped) {
  alter("DELETE FROM segments" + hurt_where() + " AND first_seq=2");
  CAF_CHECK(code_of(reader->read(hurt.key, 0, 3, everything)) == errc::corrupt);
  CAF_CHECK(code_of(reader->read(hurt.key, 1, 3, everything)) == errc::corrupt);
  CAF_CHECK(code_of(reader->read_back(hurt.key, 1, 4, everything)) == errc::corrupt);
  CAF_CHECK(code_of(reader->find_event(hurt.key, hurt.id_of(2))) == errc::corrupt);
  CAF_CHECK_EQUAL(jsons_of(must(reader->read(hurt.key, 0, 1, everything))), hurt.range(1, 1));
  CAF_CHECK(!problems().empty());
}

CAF_TEST(a gap in the journal sets only its session apart) {
  alter("DELETE FROM journal" + hurt_where() + " AND seq=5");
  reopen();
  check_hurt_is_set_apart();
}

CAF_TEST(a changed event in the journal sets only its session apart) {
  alter("UPDATE journal SET json=CAST(replace(CAST(json AS TEXT), 'xxx', 'xyx') AS BLOB)" + hurt_where() +
        " AND seq=4");
  reopen();
  check_hurt_is_set_apart();
}

CAF_TEST(a header that cannot be read sets only its session apart) {
  alter("UPDATE sessions SET progress='{' WHERE key=" + std::to_string(hurt.key));
  CAF_CHECK(code_of(reader->find_session(workspace, "sess_hurt")) == errc::corrupt);
  reopen();
  check_hurt_is_set_apart();
}

CAF_TEST(a session whose row is lost is an error and not gone) {
  auto sealed = made("sess_sealed", 2);
  commit_one(sealed.seal({{1, 2}}));
  begin_table_at("sessions", "tombstones");
  CAF_CHECK(code_of(reader->find_session(workspace, "sess_sealed")) == errc::corrupt);
  CAF_CHECK(!must(reader->find_session(workspace, "sess_never")));
}

CAF_TEST(a row of another table lends no role to an API key) {
  const auto key =
      must(must(factory.backend().open_admin())->create_key("main", role::viewer, "k", at_ms(1)));
  alter("UPDATE journal SET author=" +
        std::to_string(static_cast<int>(role::runtime)));  // where a key has its role
  begin_table_at("api_keys", "journal");
  CAF_CHECK(code_of(reader->find_key(hash_api_key(key.secret))) == errc::corrupt);
  CAF_CHECK(!must(reader->find_key(hash_api_key(key.secret + "x"))));
}

CAF_TEST(the rows of a damaged session are kept until it is deleted) {
  alter("DELETE FROM journal" + hurt_where() + " AND seq=5");
  reopen();
  claim(sound);
  commit_one(sound.seal({{3, 4}}));
  keep_house();
  CAF_CHECK(!problems().empty());
  CAF_CHECK_GREATER(journal_rows(), 0);
  reopen();
  CAF_CHECK_EQUAL(writer->take_damage().size(), 1u);
  CAF_CHECK(writer->take_damage().empty());
  claim(sound);
  commit_one(sound.append(1));
  commit_one(sound.seal({{5, 5}}));
  keep_house();  // past the rows that are kept
  commit_one(delete_op{hurt.key, 0});
  keep_house();
  CAF_CHECK_EQUAL(journal_rows(), 0);
  must_be_sound();
}

CAF_TEST(a journal that cannot be trimmed is told once and left alone) {
  commit_one(hurt.append(1, 300'000));
  commit_one(hurt.seal({{4, 7}}));
  commit_one(sound.seal({{3, 4}}));
  keep_house();  // which leaves pages that nothing uses
  commit_one(sound.append(1, 50'000));
  commit_one(sound.seal({{5, 5}}));
  spoil_list_of_unused();
  keep_house();
  CAF_CHECK_EQUAL(writer->take_damage().size(), 1u);
  keep_house();
  CAF_CHECK(writer->take_damage().empty());
  CAF_CHECK(!writer->unsealed().is_behind);
}

CAF_TEST(an append that meets damage costs nobody else) {
  commit_one(hurt.append(1, 100'000));
  commit_one(sound.seal({{3, 4}}));
  commit_one(hurt.seal({{4, 7}}));
  keep_house();  // which leaves pages that nothing uses
  spoil_list_of_unused();
  claim(sound);
  claim(hurt);
  const auto outcomes = commit({sound.append(1), hurt.append(1, 100'000), hurt.append(1)});
  CAF_CHECK(outcomes[0].error.code == errc::none);
  CAF_CHECK(outcomes[1].error.code == errc::corrupt);
  CAF_CHECK(outcomes[2].error.code == errc::unavailable);
  CAF_CHECK_EQUAL(last_of(sound), 5u);
  CAF_CHECK_EQUAL(last_of(hurt), 7u);
}

CAF_TEST(a seal that meets damage fails alone and sets its session apart) {
  commit({sound.seal({{3, 4}}), hurt.seal({{4, 6}})});
  make_sealed(1000);
  lose_page("name='segments_by_place' AND pagetype='leaf'");
  claim(sound);
  claim(hurt);
  commit_one(hurt.append(1));
  const auto outcomes = commit({sound.append(1), hurt.seal({{7, 7}})});
  CAF_CHECK(outcomes[0].error.code == errc::none);
  CAF_CHECK(outcomes[1].error.code == errc::corrupt);
  check_hurt_is_set_aside();
}

CAF_TEST(what cannot be merged is sealed as it is and nobody else pays) {
  commit({sound.seal({{3, 4}}), hurt.seal({{4, 6}})});
  seal_many(hurt, 8);
  auto other = made("sess_other");
  lose_page("name='segments' AND pagetype='overflow'");
  for (const bool has_writer : {true, false}) {
    for (auto* log : {&hurt, &sound, &other}) {
      claim(*log);
      commit_one(log->append(1));
    }
    const auto place = [](const test_log& log) { return std::pair{log.last(), log.last()}; };
    if (has_writer) {
      const auto outcomes = commit({sound.append(1), hurt.seal({place(hurt)}), other.seal({place(other)})});
      for (const auto& done : outcomes) CAF_CHECK(done.error.code == errc::none);
      continue;
    }
    for (auto* log : {&hurt, &sound, &other}) writer->release(log->key, log->epoch);
    keep_house();
  }
  CAF_CHECK(writer->take_damage().empty());
  for (const auto* log : {&hurt, &sound, &other}) CAF_CHECK_EQUAL(row_of(*log).sealed_seq, log->last());
  CAF_CHECK_EQUAL(writer->unsealed().bytes, 0);
}

CAF_TEST(a session without a writer that cannot be sealed keeps nothing of the others) {
  commit({sound.seal({{3, 4}}), hurt.seal({{4, 6}})});
  make_sealed(1000);
  auto other = made("sess_other");
  lose_page("name='segments_by_place' AND pagetype='leaf'");
  for (auto* log : {&hurt, &other}) {
    claim(*log);
    commit_one(log->append(1));
    writer->release(log->key, log->epoch);
  }
  keep_house();
  CAF_CHECK_EQUAL(row_of(other).sealed_seq, 1u);
  check_hurt_is_set_aside();
}

CAF_TEST(what is damaged of a deleted session keeps nothing of the others) {
  claim(hurt);
  commit_one(hurt.append(1, 100'000));
  commit_one(hurt.seal({{4, 7}}));
  lose_page("name='segments' AND pagetype='overflow'");
  for (auto* log : {&hurt, &sound}) {
    claim(*log);
    commit_one(delete_op{log->key, log->epoch});
  }
  keep_house();
  CAF_CHECK_EQUAL(writer->take_damage().size(), 1u);
  CAF_CHECK_EQUAL(count_of("segments WHERE session=" + std::to_string(sound.key)), 0);
  CAF_CHECK_EQUAL(count_of("tombstones"), 1);
  CAF_MESSAGE("it is not tried for ever, nor told again");
  auto more = made("sess_more", 1);
  commit_one(more.seal({{1, 1}}));
  commit_one(delete_op{more.key, more.epoch});
  keep_house();
  CAF_CHECK(writer->take_damage().empty());
  CAF_CHECK_EQUAL(count_of("tombstones"), 1);
}

CAF_TEST(check finds every kind of damage) {
  const auto key = std::to_string(hurt.key);
  const std::pair<std::string, std::string> damages[] = {
      {"UPDATE segments SET checksum=checksum+1" + hurt_where(), "checksum"},
      {"UPDATE segments SET marks=x'00'" + hurt_where(), "checksum"},
      {"UPDATE segments SET last_seq=last_seq+1" + hurt_where(), "checksum"},
      {"UPDATE segments SET session=999" + hurt_where() + " AND first_seq=2",
       "segments belong to no session"},
      {"UPDATE sessions SET sealed_seq=2 WHERE key=" + key, "are sealed"},
      {"UPDATE sessions SET sealed_head=zeroblob(32) WHERE key=" + key, "hash chain"},
      {"UPDATE sessions SET sealed_head=x'00' WHERE key=" + key, "32 bytes"},
      {"UPDATE sessions SET status=3 WHERE key=" + key, "column status"},
      {"UPDATE sessions SET agent_id='x' WHERE key=" + key, "column agent_id"},
      {"UPDATE sessions SET agent_version=9 WHERE key=" + key, "column agent_version"},
      {"UPDATE sessions SET created_at=9 WHERE key=" + key, "column created_at"},
      {"UPDATE sessions SET archived_at=9 WHERE key=" + key, "column archived_at"},
      {"UPDATE sessions SET id='sess_x' WHERE key=" + key, "column id"},
      {"UPDATE sessions SET last_seq=9 WHERE key=" + key, "column last_seq"},
      {"UPDATE definitions SET definition='[]' WHERE session=" + key, "cannot be read"},
      {"DELETE FROM definitions WHERE session=" + key, "have no definition"},
      {"INSERT INTO definitions VALUES(999, '{}')", "definitions belong to no session"},
      {"UPDATE sessions SET workspace=999 WHERE key=" + key, "belong to no workspace"},
      {"UPDATE sessions SET progress=(SELECT progress FROM sessions WHERE id='sess_sound') WHERE key=" + key,
       "header"},
      {"DELETE FROM journal" + hurt_where() + " AND seq=5", "behind event 4"},
      {"DELETE FROM journal" + hurt_where() + " AND seq=6", "the log ends at event 5"},
      {"UPDATE journal SET head=zeroblob(32)" + hurt_where() + " AND seq=6", "hash chain"},
      {"UPDATE journal SET json=x'00'" + hurt_where() + " AND seq=6", "event 6: "},
      {"INSERT INTO foreign_ids VALUES(" + key + ", 'evt_x', 2)", "belong to no event"},
      {"INSERT INTO foreign_ids VALUES(999, 'evt_x', 2)", "noted ids belong to no session"},
      {"INSERT INTO tombstones VALUES(" + key + ", 1)", "deleted but still listed"},
      {"INSERT INTO api_keys VALUES(1, 999, x'00', 1, 'n', 'h', 0, NULL)", "API keys belong to no workspace"},
  };
  reader.reset();
  writer.reset();
  const auto whole = factory.folder.file("whole.db");
  std::filesystem::copy_file(factory.path, whole);
  for (const auto& [sql, expected] : damages) {
    CAF_MESSAGE(sql);
    std::filesystem::copy_file(whole, factory.path, std::filesystem::copy_options::overwrite_existing);
    alter(sql);
    std::string all;
    for (const auto& p : problems()) all += p + "\n";
    CAF_CHECK(all.find(expected) != std::string::npos);
  }
  std::filesystem::copy_file(whole, factory.path, std::filesystem::copy_options::overwrite_existing);
  CAF_CHECK(problems().empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
