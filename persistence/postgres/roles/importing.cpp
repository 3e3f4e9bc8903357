// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/importing.hpp"

#include "persistence/postgres/roles/creating.hpp"
#include "persistence/postgres/roles/staging.hpp"
#include "persistence/postgres/tables/key_table.hpp"
#include "persistence/postgres/tables/session_table.hpp"

#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

constexpr std::size_t group_bytes = 8 * 1024 * 1024;
constexpr std::size_t group_sessions = 1000;

const statement save_point{"savepoint", "SAVEPOINT session"};
const statement keep{"release_savepoint", "RELEASE SAVEPOINT session"};
const statement finish_header{
    "finish_import",
    "UPDATE sessions SET created_at = $2::bigint, agent_id = $3::bytea, agent_version = $4::bigint, "
    "status = $5::bigint, archived_at = $6::bigint, last_seq = $7::bigint, progress = $8::bytea "
    "WHERE key = $1::bigint"};
const statement finish_definition{"finish_import_definition",
                                  "UPDATE definitions SET definition = $2::bytea WHERE session = $1::bigint"};
const statement finish_end{
    "finish_import_end",
    "UPDATE tips SET last_seq = $2::bigint, head = $3::bytea, tip = $4::bytea, sealed_seq = $2::bigint, "
    "sealed_head = $3::bytea WHERE session = $1::bigint"};

class pending_import final : public session_import {
 public:
  pending_import(connection& db, import_group& group, std::string_view workspace, std::string_view id)
      : db_(db), group_(group), number_(group.number()), id_(id) {
    db_.run(save_point);
    try {
      session_header empty;
      empty.definition.edit().id = id_;
      key_ = insert_session(db_, make_workspace(db_, workspace), empty, 0);
      if (key_ == 0) throw error(errc::conflict, fmt::format("workspace {} has a session {}", workspace, id));
    } catch (...) {
      undo();
      throw;
    }
  }
  pending_import(const pending_import&) = delete;
  pending_import& operator=(const pending_import&) = delete;
  ~pending_import() override {
    if (is_open_) undo();
  }

  result<void> add(log_block_ptr block) override {
    return attempt([&] {
      expect_open();
      if (block->first_seq() != end_.seq + 1)
        throw error(errc::internal,
                    fmt::format("a block begins at {} behind event {}", block->first_seq(), end_.seq));
      write_slice(db_, key_, {block}, {}, end_.seq);
      end_.seq = block->last_seq();
      end_.head = block->head();
      bytes_ += block->frames().size();
    });
  }

  result<void> add_foreign_ids(const std::vector<std::pair<std::string, seq_t>>& ids) override {
    return attempt([&] {
      expect_open();
      const auto repeated = write_slice(db_, key_, {}, ids, end_.seq);
      if (!repeated.empty())
        throw error(errc::invalid, fmt::format("the session already has an event of id {}", repeated));
    });
  }

  result<void> finish(const session_header& header) override {
    return attempt([&] {
      expect_open();
      const auto& d = *header.definition;
      const auto& p = header.progress;
      if (d.id != id_ || p.tip.last_seq != end_.seq || p.tip.head != end_.head)
        throw error(errc::internal, fmt::format("the header does not fit the imported log of {}", id_));
      pipeline calls;
      calls.add(finish_header,
                parameters{key_, d.created_at, d.agent_id, d.agent_version, static_cast<int>(p.status),
                           d.archived_at, p.tip.last_seq, p.encode()});
      calls.add(finish_definition, parameters{key_, d.encode()});
      calls.add(finish_end, parameters{key_, p.tip.last_seq, p.tip.head, p.tip.encode()});
      calls.add(keep);
      db_.run(calls);
      is_open_ = false;
      group_.add(bytes_);
    });
  }

 private:
  void expect_open() const {
    if (!is_open_ || number_ != group_.number() || !db_.in_transaction())
      throw error(errc::internal, fmt::format("the import of {} is over", id_));
  }
  void undo() noexcept {
    is_open_ = false;
    if (number_ == group_.number() && db_.in_transaction())
      static_cast<void>(
          attempt([&] { db_.exec("ROLLBACK TO SAVEPOINT session; RELEASE SAVEPOINT session"); }));
  }

  connection& db_;
  import_group& group_;
  const int number_;
  const std::string id_;
  bool is_open_ = true;
  session_key key_ = 0;
  sealed_end end_;
  std::size_t bytes_ = 0;
};

}  // namespace

void import_group::begin() {
  if (open_ && !db_.in_transaction()) flush();  // a failure has undone it
  if (open_) return;
  // Whoever sends the lines may take his time.
  db_.exec("SET idle_in_transaction_session_timeout=0");
  open_.emplace(db_);
  ++number_;
}

void import_group::add(std::size_t bytes) {
  bytes_ += bytes;
  if (++sessions_ >= group_sessions || bytes_ >= group_bytes) flush();
}

void import_group::flush() {
  if (!open_) return;
  const bool whole = db_.in_transaction();
  const bool lost_some = !whole && sessions_ > 0;
  sessions_ = bytes_ = 0;
  if (whole) open_->commit();
  open_.reset();
  ++number_;
  if (lost_some)
    throw error(errc::unavailable, "sessions imported since the last flush were undone by a failure");
}

std::unique_ptr<session_import> begin_import(connection& db, import_group& group, std::string_view workspace,
                                             std::string_view id) {
  group.begin();
  return std::make_unique<pending_import>(db, group, workspace, id);
}

}  // namespace sandbase::postgres
