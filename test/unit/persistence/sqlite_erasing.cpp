// SPDX-License-Identifier: Apache-2.0
// That no byte of what was erased is left in the store's files.
#define CAF_SUITE sqlite_erasing
#include "persistence/sqlite/sql/connection.hpp"
#include "test/unit/persistence/support/sqlite_factory.hpp"

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace sandbase;
using namespace sandbase::test;

namespace {

constexpr std::string_view marker = "3.14159 is a secret that nobody may find";

struct erasing_fixture : store_fixture<sqlite_factory> {
  timestamp now = at_ms(0);

  std::string files() const {
    std::ostringstream all;
    for (const auto& entry : std::filesystem::directory_iterator{factory.folder.path()})
      if (entry.path().filename().string().starts_with("store.db"))
        all << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
    return all.str();
  }
  bool is_in_files(std::string_view text) const { return files().find(text) != std::string::npos; }

  /// As the journal and the checkpointer do it, for some seconds.
  void let_time_pass() {
    for (int i = 0; i < 5; ++i) {
      now += std::chrono::seconds{1};
      keep_house(now);
      if (writer->wants_checkpoint(true)) must(writer->checkpoint());
    }
  }
  std::int64_t count(const std::string& what) {
    sqlite::connection db{factory.path, {sqlite::side::writing, 256, false}};
    auto rows = db.prepare("SELECT count(*) FROM " + what);
    rows.step();
    return rows.integer(0);
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(sqlite_erasing, erasing_fixture)

CAF_TEST(of an unsealed event nothing is left) {
  auto log = made("sess_a", 2);
  log.filling = marker;
  for (const std::size_t size : {200u, 3'000u, 40'000u}) commit_one(log.append(1, size));
  log.filling = "x";
  commit_one(log.append(1));
  CAF_CHECK(is_in_files(marker));
  for (const seq_t seq : {3u, 4u, 5u}) commit_one(log.erase(seq));
  let_time_pass();
  CAF_CHECK(!is_in_files(marker));
  CAF_CHECK_EQUAL(count("erasures"), 0);
  CAF_CHECK_EQUAL(unsealed_of(log), log.jsons);
  must_be_sound();
}

CAF_TEST(of a sealed event nothing is left in the journal either) {
  auto log = made("sess_a", 1);
  // Its one row keeps the rows behind it from being trimmed.
  auto pinning = made("sess_b");
  commit_one(pinning.append(1));
  log.filling = marker;
  for (const std::size_t size : {200u, 3'000u, 40'000u}) commit_one(log.append(1, size));
  log.filling = "x";
  commit_one(log.seal({{1, 2}, {3, 4}}));
  must(writer->checkpoint());
  let_time_pass();
  for (const seq_t seq : {2u, 3u, 4u}) commit_one(log.erase(seq));
  CAF_CHECK_EQUAL(count("journal WHERE json=x''"), 0);
  let_time_pass();
  CAF_CHECK(!is_in_files(marker));
  CAF_CHECK_EQUAL(count("erasures"), 0);
  CAF_CHECK_EQUAL(read_all(log), log.range(1, 4));
  CAF_CHECK_EQUAL(jsons_of(claim(pinning).unsealed), pinning.jsons);
  must_be_sound();
}

CAF_TEST(an erasure goes on where a crash has cut it off) {
  auto log = made("sess_a");
  auto pinning = made("sess_b", 1);
  log.filling = marker;
  commit_one(log.append(3, 2'000));
  log.filling = "x";
  commit_one(log.seal({{1, 2}}));
  for (const seq_t seq : {1u, 2u, 3u}) commit_one(log.erase(seq));
  CAF_MESSAGE("before anything of it");
  reopen();
  CAF_CHECK_EQUAL(count("erasures"), 3);
  now += std::chrono::seconds{1};
  keep_house(now);
  CAF_MESSAGE("before the log is emptied");
  reopen();
  CAF_CHECK_EQUAL(count("erasures"), 3);
  let_time_pass();
  CAF_CHECK(!is_in_files(marker));
  CAF_CHECK_EQUAL(count("erasures"), 0);
  CAF_CHECK_EQUAL(read_all(log), log.jsons);  // nobody claimed it, so housekeeping has sealed it
  must_be_sound();
}

CAF_TEST(a reader that stays is waited for) {
  auto log = made("sess_a");
  log.filling = marker;
  commit_one(log.append(1));
  {
    sqlite::connection db{factory.path, {sqlite::side::reading, 256, false}};
    const sqlite::snapshot view{db};
    db.prepare("SELECT count(*) FROM journal").step();
    log.filling = "x";
    commit_one(log.erase(1));
    let_time_pass();
    CAF_CHECK(is_in_files(marker));
    CAF_CHECK_EQUAL(count("erasures"), 1);
  }
  let_time_pass();
  CAF_CHECK(!is_in_files(marker));
  CAF_CHECK_EQUAL(count("erasures"), 0);
}

CAF_TEST(what was erased before it was deleted is gone as well) {
  auto log = made("sess_a");
  log.filling = marker;
  commit_one(log.append(2, 5'000));
  log.filling = "x";
  commit_one(log.seal({{1, 1}}));
  commit_one(log.erase(1));
  commit_one(log.erase(2));
  commit_one(delete_op{log.key, log.epoch});
  let_time_pass();
  CAF_CHECK(!is_in_files(marker));
  CAF_CHECK_EQUAL(count("erasures"), 0);
}

CAF_TEST(whatever else the store did with an event nothing is left of it) {
  std::minstd_rand random{20261127};
  std::vector<test_log> logs;
  std::vector<std::string> erased;
  for (int i = 0; i < 6; ++i) logs.push_back(made("sess_" + std::to_string(i)));
  std::vector<seq_t> sealed(logs.size());
  for (int step = 0; step < 600; ++step) {
    const auto i = random() % logs.size();
    auto& log = logs[i];
    log.filling = "x";
    const auto kind = random() % 10;
    if (kind < 5 || log.last() == 0) {
      log.filling = "marker " + std::to_string(step) + " of a test; ";
      commit_one(log.append(1 + random() % 3, 250 + random() % (random() % 8 == 0 ? 30'000 : 900)));
    } else if (kind < 8 && sealed[i] < log.last()) {
      const auto last = sealed[i] + 1 + random() % (log.last() - sealed[i]);
      commit_one(log.seal({{sealed[i] + 1, last}}));
      sealed[i] = last;
    } else if (kind == 8) {
      keep_house(now += std::chrono::milliseconds{100});
    } else {
      const auto seq = 1 + random() % log.last();
      if (log.proofs[seq - 1].is_leaf()) continue;
      const auto& json = log.jsons[seq - 1];
      if (const auto at = json.find("marker "); at != std::string::npos) {
        // The marker is that of one append, all of whose events are erased.
        const auto text = json.substr(at, json.find(';', at) + 1 - at);
        const auto end = log.last();
        for (seq_t s = 1; s <= end; ++s)
          if (!log.proofs[s - 1].is_leaf() && log.jsons[s - 1].find(text) != std::string::npos)
            commit_one(log.erase(s));
        erased.push_back(text);
      }
    }
  }
  let_time_pass();
  CAF_CHECK_EQUAL(count("erasures"), 0);
  const auto all = files();
  CAF_CHECK_GREATER(erased.size(), 20u);
  for (const auto& text : erased)
    if (all.find(text) != std::string::npos) CAF_ERROR("still there: " << text);
  must_be_sound();
}

CAF_TEST_FIXTURE_SCOPE_END()
