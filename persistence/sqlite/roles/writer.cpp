// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/writer.hpp"

#include "persistence/sqlite/file/free_space.hpp"
#include "persistence/sqlite/roles/batch.hpp"
#include "persistence/sqlite/roles/housekeeping.hpp"
#include "persistence/sqlite/sql/log_index.hpp"
#include "persistence/sqlite/sql/log_moving.hpp"
#include "persistence/sqlite/sql/log_renewal.hpp"
#include "persistence/sqlite/tables/journal_table.hpp"
#include "persistence/sqlite/tables/key_table.hpp"
#include "persistence/sqlite/tables/schema.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fmt/core.h>
#include <optional>

namespace sandbase::sqlite {

namespace {

constexpr connection_options writing{side::writing, 8 * 1024, false, true};

class writer final : public event_store {
 public:
  writer(const std::string& path, const writer_options& options, std::shared_ptr<ledger> known)
      : path_(path),
        max_pages_(options.max_pages),
        db_(open_for_writing()),
        log_mover_(path),
        large_log_pages_(options.large_log_pages),
        ledger_(std::move(known)),
        house_(db_, *ledger_) {
    migrate(db_, path);
    grow_log_index(db_);
    bury_staged(db_);
    next_row_ = next_journal_row(db_);
    ledger_->load(scan_whole_journal());
    db_.exec("PRAGMA shrink_memory", "cannot free memory");  // the pages of the pass are not needed again
  }

  result<std::vector<op_outcome>> commit(std::span<const store_op> ops) override {
    auto outcomes = attempt([&] {
      std::vector<failure> damaged(ops.size());
      try {
        return commit_sound(ops, true, damaged);
      } catch (const error& e) {
        if (!e.is_full() || !std::ranges::any_of(ops, is_bulky) || std::ranges::all_of(ops, is_bulky)) throw;
        return commit_sound(ops, false, damaged);  // they need room that the appends may still have
      }
    });
    if (!outcomes)
      static_cast<void>(attempt([&] {
        for (const auto& op : ops) not_stored(op);
      }));
    return outcomes;
  }

  result<claimed_session> claim(session_key session) override {
    return attempt([&] {
      if (const auto what = ledger_->damage_of(session)) throw error(errc::corrupt, *what);
      const snapshot view{db_};
      auto row = load_session(db_, session);
      if (!row) throw error(errc::not_found, "no such session");
      claimed_session claimed;
      if (const auto known = ledger_->find(session))
        claimed.log.unsealed = read_unsealed(db_, session, known->runs);
      claimed.epoch = ledger_->claim(*row);
      claimed.log.row = *std::move(row);
      return claimed;
    });
  }

  void release(session_key session, epoch_t epoch) override { ledger_->release(session, epoch); }

  std::vector<session_key> wants_sealed(std::chrono::steady_clock::time_point now) override {
    return ledger_->ask_for_seals(now);
  }

  result<bool> housekeep(const house_budget& budget) override {
    return attempt([&] {
      const bool more = house_.run(budget, next_row_);
      note_written();
      if (house_.copies().has_concluded() && log_mover_.forget()) {
        // SQLite keeps rows and pages in scratch memory of its connections, for as long as these are open.
        db_ = open_for_writing();
        house_.copies().forget_conclusion();
      }
      return more;
    });
  }

  result<void> checkpoint() override {
    return attempt([&] {
      left_pages_ += unmoved_pages_.exchange(0);
      if (const auto log = log_mover_.move()) {
        left_pages_ = log->pages - log->moved;
        if (log->pages >= large_log_pages_) log_is_large_ = true;
      }
      house_.copies().log_moved();
    });
  }

  bool wants_checkpoint(bool idle) override {
    return unmoved_pages_ + (idle ? left_pages_.load() : 0) >= (idle ? 1 : many_unmoved_pages) ||
           house_.copies().wants_moved_log();
  }

  /// What was committed meanwhile is little: with it done too, the log starts again from its beginning
  /// instead of growing for as long as there is load.
  result<void> finish_checkpoint() override {
    if (!wants_checkpoint(true)) return {};
    return checkpoint();
  }

  std::vector<failure> take_damage() override {
    std::vector<failure> all;
    for (auto& what : ledger_->take_damage()) all.push_back({errc::corrupt, std::move(what)});
    return all;
  }

  unsealed_report unsealed() const override {
    return {ledger_->sessions_with_rows(), ledger_->unsealed_bytes(), ledger_->is_pressed(),
            ledger_->damaged(), house_.is_behind()};
  }

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
  connection open_for_writing() const {
    connection db{path_, writing};
    if (max_pages_ > 0)
      db.exec(fmt::format("PRAGMA max_page_count={}", max_pages_), "cannot bound the database");
    return db;
  }

  journal_scan scan_whole_journal() {
    try {
      return scan_journal(db_);
    } catch (const error& e) {
      if (e.as_failure().code != errc::corrupt) throw;
      throw error(
          errc::corrupt,
          fmt::format(
              "the journal has pages that cannot be read ({}), which may hold the end of any session: "
              "restore the file from a backup, or recover what is left with `sqlite3 FILE .recover`",
              e.what()));
    }
  }

  /// Each round finds damage that is not known yet, if it does not commit.
  std::vector<op_outcome> commit_sound(std::span<const store_op> ops, bool with_seals,
                                       std::vector<failure>& damaged) {
    for (;;)
      if (auto outcomes = commit_once(ops, with_seals, damaged)) return *std::move(outcomes);
  }

  /// `damaged`: why an operation is left out; code none: it is not. @returns nothing if one more is by now
  std::optional<std::vector<op_outcome>> commit_once(std::span<const store_op> ops, bool with_seals,
                                                     std::vector<failure>& damaged) {
    shorten_log();
    // Housekeeping takes the syncs off its own steps. Nothing may be acknowledged that was not synced.
    db_.exec("PRAGMA synchronous=FULL", "cannot sync commits");
    write_transaction all{db_};
    const bool stages =
        std::ranges::any_of(ops, [](const store_op& op) { return std::holds_alternative<stage_op>(op); });
    batch work{db_, *ledger_, next_row_,
               stages ? batch::room{with_seals, room_to_stage()} : batch::room{with_seals}};
    std::vector<op_outcome> outcomes;
    outcomes.reserve(ops.size());
    std::vector<journal_row> first_rows;
    first_rows.reserve(ops.size());
    for (std::size_t i = 0; i < ops.size(); ++i) {
      auto done = damaged[i].code == errc::none ? work.apply(ops[i]) : work.leave_out(ops[i], damaged[i]);
      if (done.met_damage) {
        const auto* seal = std::get_if<seal_op>(&ops[i]);
        if (seal && !ledger_->leaves_unmerged(seal->session))
          ledger_->leave_unmerged(seal->session);  // what is new may be sound
        else
          damaged[i] = std::move(done.outcome.error);
        return std::nullopt;
      }
      outcomes.push_back(std::move(done.outcome));
      first_rows.push_back(done.first_row);
    }
    all.commit();
    behind_commit([&] {
      note_written();
      next_row_ = work.next_row();
      ledger_->refused(work.refused_bytes());
      for (std::size_t i = 0; i < ops.size(); ++i)
        if (outcomes[i].error.code == errc::none)
          note(ops[i], outcomes[i], first_rows[i]);
        else
          not_applied(ops[i], damaged[i]);
    });
    return outcomes;
  }

  std::int64_t room_to_stage() {
    auto pages = db_.query("SELECT freelist_count, page_size FROM pragma_freelist_count, pragma_page_size");
    if (!pages.next()) return 0;
    const auto size = pages->integer(1);
    return sqlite::room_to_stage(path_, {pages->integer(0) * size, (unmoved_pages_ + left_pages_) * size});
  }

  /// What was committed, into the ledger.
  void note(const store_op& op, const op_outcome& done, journal_row first_row) {
    if (const auto* append = std::get_if<append_op>(&op)) {
      ledger_->appended(append->session, first_row, append->events, append->tip);
      if (const auto request = request_of(*append, first_row)) ledger_->stored(append->session, *request);
      if (append->ends_epoch) ledger_->cut(append->session, append->epoch);
      if (append->erases) {
        house_.copies().note();
        ledger_->payload_erased();
      }
    } else if (const auto* create = std::get_if<create_op>(&op)) {
      if (!done.existed && !create->events.empty())
        ledger_->appended(done.session, first_row, create->events, create->header->progress.tip);
    } else if (const auto* seal = std::get_if<seal_op>(&op)) {
      ledger_->sealed(seal->session, seal->blocks.back()->last_seq());
    } else if (const auto* gone = std::get_if<delete_op>(&op)) {
      ledger_->erased(gone->session);
      house_.note_deletion();
    } else if (std::holds_alternative<unstage_op>(op)) {
      house_.note_deletion();
    }
  }

  /// It failed alone. A seal that damage stopped would fail for ever, and keep the journal's rows.
  void not_applied(const store_op& op, const failure& damage) {
    const auto* seal = std::get_if<seal_op>(&op);
    if (seal == nullptr || damage.code == errc::none) return not_stored(op);
    ledger_->set_aside(seal->session, cannot_be_sealed(seal->session, damage.message));
  }

  /// In place of an append nothing of its writer's may land; a seal is asked for again.
  void not_stored(const store_op& op) {
    if (const auto* append = std::get_if<append_op>(&op))
      ledger_->cut(append->session, append->epoch);
    else if (const auto* seal = std::get_if<seal_op>(&op))
      ledger_->seal_failed(seal->session, seal->epoch);
  }

  /// Pages that went into the write-ahead log since the last call.
  void note_written() {
    int pages = 0;
    int highest = 0;
    sqlite3_db_status(db_.handle(), SQLITE_DBSTATUS_CACHE_WRITE, &pages, &highest, 1);
    unmoved_pages_ += pages;
  }

  /// A log begins anew only when a commit finds all of it moved. Beside back-to-back commits a checkpoint in
  /// another thread never gets that far, and the log would grow for as long as the load lasts: so now and
  /// then a commit moves the little that came since.
  void shorten_log() {
    if (!log_is_large_.exchange(false)) return;
    try {
      log_mover_.move();
    } catch (const error& e) {
      if (e.as_failure().code == errc::io_failed) throw;  // else the next checkpoint tells
    }
  }

  /// Written since the last checkpoint, 16 MiB: worth one beside other work.
  static constexpr int many_unmoved_pages = 2048;

  const std::string path_;
  const std::int64_t max_pages_;
  connection db_;
  /// Checkpoints have a connection of their own: they may run in another thread while commits go on.
  log_mover log_mover_;
  const int large_log_pages_;
  /// As the last checkpoint found it.
  std::atomic<bool> log_is_large_ = false;
  std::atomic<int> unmoved_pages_ = 0;
  /// Those that the checkpoints before could not move.
  std::atomic<int> left_pages_ = 0;
  const std::shared_ptr<ledger> ledger_;
  housekeeping house_;
  journal_row next_row_ = 1;
};

}  // namespace

result<std::unique_ptr<event_store>> open_writer(const std::string& path, const writer_options& options,
                                                 std::shared_ptr<ledger> known) {
  return attempt([&]() -> std::unique_ptr<event_store> {
    renew_log(path);
    if (!known) known = std::make_shared<ledger>(options.max_journal_bytes);
    return std::make_unique<writer>(path, options, std::move(known));
  });
}

}  // namespace sandbase::sqlite
