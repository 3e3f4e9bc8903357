// SPDX-License-Identifier: Apache-2.0
// Random transactions on a simulated disk, and deaths at random moments in them. What is found after each
// death is held against all that was ever committed.
#pragma once

#include "test/simulation/disk/sim_disk.hpp"
#include "test/simulation/random.hpp"
#include "test/unit/persistence/support/raw_database.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace sandbase::test {

class power_loop {
 public:
  struct settings {
    std::string journal_mode = "WAL";
    std::string synchronous = "FULL";
    /// Else only the process, every time.
    bool machine_dies = true;
  };
  /// What the deaths showed.
  struct report {
    /// Empty: none.
    std::string damage;
    /// Acknowledged transactions that were gone.
    int lost = 0;
    /// Transactions in flight that were there.
    int kept = 0;
    int deaths = 0;
    std::int64_t transactions = 0;
  };

  power_loop(std::uint64_t seed, settings s)
      : settings_(std::move(s)), random_(seed), disk_(seed), history_{{0, state{{0, 0}}}} {}

  /// Lives and dies so many times in a row, and ends at the first damage.
  report run(int deaths) {
    while (report_.damage.empty() && report_.deaths < deaths) {
      live();
      ++report_.deaths;
      disk_.fault = nullptr;
      if (settings_.machine_dies && random_.below(4) > 0)
        disk_.power_cut();
      else
        disk_.restart();
      inspect();
    }
    return report_;
  }

 private:
  /// Key → number of the transaction that wrote it.
  using state = std::map<std::int64_t, std::int64_t>;

  void live() {
    auto left = random_.between(1, 250);
    disk_.fault = [this, left](const sim::disk_operation&) mutable {
      if (--left == 0) disk_.freeze();
      return sim::disk_fault::none;
    };
    raw_database db{path_};
    raw_database reader{path_};
    prepare(db);
    while (left > 0 && transact(db)) {
      if (random_.below(8) == 0) reader.exec("ROLLBACK");
      if (random_.below(8) == 0) reader.exec("BEGIN; SELECT count(*) FROM t");
      if (random_.below(12) == 0) db.exec("PRAGMA wal_checkpoint(RESTART)");
    }
  }

  void prepare(raw_database& db) {
    db.exec("PRAGMA page_size=1024");
    db.exec("PRAGMA journal_mode=" + settings_.journal_mode);
    db.exec("PRAGMA synchronous=" + settings_.synchronous);
    db.exec("PRAGMA wal_autocheckpoint=30");
    db.exec("PRAGMA cache_size=10");  // pages of a transaction reach the disk before it is committed
    db.exec("CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, n INTEGER NOT NULL, v BLOB NOT NULL)");
  }

  /// One transaction. @returns whether it was acknowledged
  bool transact(raw_database& db) {
    auto next = history_.rbegin()->second;
    const auto n = history_.rbegin()->first + 1;
    auto sql = "BEGIN IMMEDIATE; " + put(0, n);
    next[0] = n;
    for (auto i = random_.below(20); i > 0; --i) {
      const auto key = static_cast<std::int64_t>(random_.between(1, 60));
      if (random_.below(4) == 0) {
        sql += "DELETE FROM t WHERE k=" + std::to_string(key) + ";";
        next.erase(key);
      } else {
        sql += put(key, n);
        next[key] = n;
      }
    }
    in_flight_ = next;
    if (db.exec(sql + "COMMIT") != SQLITE_OK) return false;
    history_.emplace(n, std::move(next));
    ++report_.transactions;
    return true;
  }

  std::string put(std::int64_t key, std::int64_t n) {
    const auto k = std::to_string(key);
    const auto size = std::to_string(random_.between(1, 700));
    return "INSERT OR REPLACE INTO t VALUES(" + k + "," + std::to_string(n) + ",zeroblob(" + size + "));";
  }

  void inspect() {
    raw_database db{path_};
    if (const auto verdict = db.ask("PRAGMA integrity_check"); verdict != "ok") {
      report_.damage = verdict;
      return;
    }
    state found;
    if (db.ask("SELECT count(*) FROM sqlite_master") == "1")
      db.each("SELECT k, n FROM t",
              [&](sqlite3_stmt* s) { found[sqlite3_column_int64(s, 0)] = sqlite3_column_int64(s, 1); });
    if (!found.contains(0)) found[0] = 0;
    compare(found);
  }

  void compare(const state& found) {
    const auto n = found.at(0);
    const auto last = history_.rbegin()->first;
    if (n == last + 1) {
      history_.emplace(n, in_flight_);
      ++report_.kept;
    } else {
      report_.lost += static_cast<int>(last - n);
    }
    if (!history_.contains(n) || history_.at(n) != found)
      report_.damage = "parts of transactions around " + std::to_string(n);
    history_.erase(history_.upper_bound(n), history_.end());
  }

  const settings settings_;
  sim::random_source random_;
  sim::sim_disk disk_;
  const std::string path_ = "/disk/test.db";
  /// What each committed transaction left.
  std::map<std::int64_t, state> history_;
  state in_flight_;
  report report_;
};

}  // namespace sandbase::test
