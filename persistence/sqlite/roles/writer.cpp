// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/writer.hpp"

#include "persistence/sentence.hpp"
#include "persistence/sqlite/roles/batch.hpp"
#include "persistence/sqlite/roles/cleaning.hpp"
#include "persistence/sqlite/sql/log_renewal.hpp"
#include "persistence/sqlite/tables/journal_table.hpp"
#include "persistence/sqlite/tables/key_table.hpp"
#include "persistence/sqlite/tables/schema.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <algorithm>
#include <atomic>

namespace sandbase::sqlite {

namespace {

constexpr connection_options writing{side::writing, 8 * 1024, false, true};
constexpr connection_options checkpointing{side::writing, 256, false};

/// Moves what it can of the write-ahead log. @returns how many pages the log has; 0 if that is not known
int move_log(connection& db) {
  int pages = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(db.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, nullptr);
  // Busy: a commit or another checkpoint is at it this very moment. The next one will do.
  if ((code & 0xff) == SQLITE_BUSY) return 0;
  if (code != SQLITE_OK) db.fail(code, "cannot move the write-ahead log into the database");
  return pages;
}

class writer final : public event_store {
 public:
  writer(const std::string& path, const writer_options& options)
      : db_(path, writing), log_mover_(path, checkpointing), large_log_pages_(options.large_log_pages) {
    migrate(db_, path);
    if (options.max_pages > 0) db_.exec(sentence("PRAGMA max_page_count=", options.max_pages));
    next_row_ = next_journal_row(db_);
  }

  result<std::vector<op_outcome>> commit(std::span<const store_op> ops) override {
    return attempt([&] {
      try {
        return commit_once(ops, true);
      } catch (const error& e) {
        const auto is_seal = [](const store_op& op) { return std::holds_alternative<seal_op>(op); };
        if (!e.is_full() || !std::ranges::any_of(ops, is_seal) || std::ranges::all_of(ops, is_seal)) throw;
        return commit_once(ops, false);  // seals need room that the appends may still have
      }
    });
  }

  result<std::vector<ledger_row>> scan() override {
    return attempt([&] {
      auto found = scan_whole_journal();
      db_.exec("PRAGMA shrink_memory");  // the pages of the pass are not needed again
      damaged_ = std::move(found.damaged);
      for (const auto& d : damaged_) known_.note_damage(d.session, d.what);
      return std::move(found.sessions);
    });
  }

  std::vector<failure> damage() const override {
    std::vector<failure> all;
    for (const auto& d : damaged_) all.push_back({errc::corrupt, d.what});
    return all;
  }

  result<std::optional<session_row>> load(session_key session) override {
    return attempt([&] {
      if (const auto* what = known_.damage_of(session)) throw error(errc::corrupt, *what);
      return load_session(db_, session);
    });
  }

  result<std::vector<journal_event>> unsealed(session_key session, std::span<const row_run> runs) override {
    return attempt([&] { return read_unsealed(db_, session, runs); });
  }

  result<trim_report> trim(journal_row before, std::size_t max_bytes) override {
    return attempt([&] {
      for (const auto& d : damaged_) before = std::min(before, d.first_row);
      return trim_journal(db_, before, max_bytes);
    });
  }

  result<bool> sweep(timestamp now) override {
    return attempt([&] { return sweep_leftovers(db_, now); });
  }

  result<void> checkpoint() override {
    return attempt([&] {
      if (move_log(log_mover_) >= large_log_pages_) log_is_large_ = true;
    });
  }

  result<journal_row> next_row() override { return next_row_; }

  result<workspace_key> workspace(std::string_view name, bool create) override {
    return attempt([&] { return create ? make_workspace(db_, name) : find_workspace(db_, name); });
  }

  result<std::string> secret(std::string_view name) override {
    return attempt([&] {
      write_transaction all{db_};
      auto value = find_or_make_secret(db_, name);
      all.commit();
      return value;
    });
  }

 private:
  journal_scan scan_whole_journal() {
    try {
      return scan_journal(db_);
    } catch (const error& e) {
      if (e.as_failure().code != errc::corrupt) throw;
      throw error(errc::corrupt,
                  sentence("the journal has pages that cannot be read (", e.what(),
                           "), which may hold the end of any session: restore the file from a backup, or "
                           "recover what is left with `sqlite3 FILE .recover`"));
    }
  }

  std::vector<op_outcome> commit_once(std::span<const store_op> ops, bool with_seals) {
    try {
      shorten_log();
      write_transaction all{db_};
      batch work{db_, known_, next_row_, with_seals};
      std::vector<op_outcome> outcomes;
      outcomes.reserve(ops.size());
      for (const auto& op : ops) outcomes.push_back(work.apply(op));
      all.commit();
      next_row_ = work.next_row();
      forget_deleted(ops, outcomes);
      return outcomes;
    } catch (...) {
      known_.forget_all();
      throw;
    }
  }

  /// A log begins anew only when a commit finds all of it moved. Beside back-to-back commits a checkpoint in
  /// another thread never gets that far, and the log would grow for as long as the load lasts: so now and
  /// then a commit moves the little that came since.
  void shorten_log() {
    if (!log_is_large_.exchange(false)) return;
    try {
      move_log(db_);
    } catch (const error& e) {
      if (e.as_failure().code == errc::io_failed) throw;  // else the next checkpoint tells
    }
  }

  /// The rows of a damaged session are kept until somebody deletes it.
  void forget_deleted(std::span<const store_op> ops, const std::vector<op_outcome>& outcomes) {
    if (damaged_.empty()) return;
    for (std::size_t i = 0; i < ops.size(); ++i) {
      const auto* gone = std::get_if<delete_op>(&ops[i]);
      if (gone == nullptr || outcomes[i].error.code != errc::none) continue;
      known_.note_repaired(gone->session);
      std::erase_if(damaged_, [&](const journal_damage& d) { return d.session == gone->session; });
    }
  }

  connection db_;
  /// Checkpoints have a connection of their own: they may run in another thread while commits go on.
  connection log_mover_;
  const int large_log_pages_;
  /// As the last checkpoint found it.
  std::atomic<bool> log_is_large_ = false;
  session_knowledge known_;
  std::vector<journal_damage> damaged_;
  journal_row next_row_ = 1;
};

}  // namespace

result<std::unique_ptr<event_store>> open_writer(const std::string& path, const writer_options& options) {
  return attempt([&]() -> std::unique_ptr<event_store> {
    renew_log(path);
    return std::make_unique<writer>(path, options);
  });
}

}  // namespace sandbase::sqlite
