// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/importing.hpp"

#include "persistence/sqlite/roles/batch.hpp"
#include "persistence/sqlite/tables/key_table.hpp"
#include "persistence/sqlite/tables/segment_table.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <fmt/core.h>

namespace sandbase::sqlite {

namespace {

constexpr std::size_t group_bytes = 8 * 1024 * 1024;
constexpr std::size_t group_sessions = 1000;
constexpr std::size_t checkpoint_bytes = 64 * 1024 * 1024;

class pending_import final : public session_import {
 public:
  pending_import(connection& db, import_group& group, std::string_view workspace, std::string_view id)
      : db_(db), group_(group), id_(id), undo_(std::in_place, db) {
    session_header empty;
    empty.definition.edit().id = id_;
    const auto key = insert_session(db_, make_workspace(db_, workspace), empty);
    if (!key) throw error(errc::conflict, fmt::format("workspace {} has a session {}", workspace, id));
    key_ = *key;
  }

  result<void> add(log_block_ptr block) override {
    return attempt([&] {
      expect_open();
      if (block->first_seq() != end_.seq + 1)
        throw error(errc::internal,
                    fmt::format("a block begins at {} behind event {}", block->first_seq(), end_.seq));
      insert_segment(db_, key_, *block);
      end_.seq = block->last_seq();
      end_.head = block->head();
      bytes_ += block->frames().size();
    });
  }

  result<void> add_foreign_ids(const std::vector<std::pair<std::string, seq_t>>& ids) override {
    return attempt([&] {
      expect_open();
      const auto repeated = insert_imported_ids(db_, key_, ids, end_.seq);
      if (!repeated.empty())
        throw error(errc::invalid, fmt::format("the session already has an event of id {}", repeated));
    });
  }

  result<void> finish(const session_header& header) override {
    return attempt([&] {
      expect_open();
      const auto& tip = header.progress.tip;
      if (header.definition->id != id_ || tip.last_seq != end_.seq || tip.head != end_.head)
        throw error(errc::internal, fmt::format("the header does not fit the imported log of {}", id_));
      update_header(db_, key_, header, true);
      update_sealed_end(db_, key_, {}, end_.seq, end_.head, nullptr);
      undo_->release();
      undo_.reset();
      group_.add(bytes_);
    });
  }

 private:
  void expect_open() const {
    if (!undo_ || !db_.in_transaction())
      throw error(errc::internal, fmt::format("the import of {} is over", id_));
  }

  connection& db_;
  import_group& group_;
  std::string id_;
  std::optional<savepoint> undo_;
  session_key key_ = 0;
  sealed_end end_;
  std::size_t bytes_ = 0;
};  // namespace

}  // namespace

void import_group::begin() {
  if (open_ && !db_.in_transaction()) open_.reset();  // a failure has undone it
  if (!open_) open_.emplace(db_);
}

void import_group::add(std::size_t bytes) {
  bytes_ += bytes;
  if (++sessions_ >= group_sessions || bytes_ >= group_bytes) flush();
}

void import_group::flush() {
  if (!open_) return;
  const bool whole = db_.in_transaction();
  if (whole) open_->commit();
  open_.reset();
  unmoved_ += bytes_;
  bytes_ = sessions_ = 0;
  if (!whole)
    throw error(errc::unavailable, "sessions imported since the last flush were undone by a failure");
  if (unmoved_ < checkpoint_bytes) return;
  unmoved_ = 0;
  if (!log_mover_) log_mover_.emplace(path_);
  log_mover_->move();
}

std::unique_ptr<session_import> begin_import(connection& db, import_group& group, std::string_view workspace,
                                             std::string_view id) {
  group.begin();
  return std::make_unique<pending_import>(db, group, workspace, id);
}

}  // namespace sandbase::sqlite
