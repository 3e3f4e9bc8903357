// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/importing.hpp"

#include "events/ids/event_id.hpp"
#include "persistence/names.hpp"
#include "persistence/postgres/roles/creating.hpp"
#include "persistence/postgres/roles/staging.hpp"
#include "persistence/postgres/tables/key_table.hpp"
#include "persistence/postgres/tables/schema.hpp"
#include "persistence/postgres/tables/session_table.hpp"

#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

constexpr std::size_t group_bytes = 8 * 1024 * 1024;
constexpr std::size_t group_sessions = 1000;

const statement find_taken{"find_taken",
                           "SELECT s.key FROM workspaces w JOIN sessions s ON s.workspace = w.id AND s.id = "
                           "$2::text WHERE w.name = $1::text"};
const statement finish_header{
    "finish_import",
    "UPDATE sessions s SET workspace = $2::bigint, id = $3::text, created_at = $4::bigint, "
    "agent_id = $5::bytea, agent_version = $6::bigint, status = $7::bigint, archived_at = $8::bigint, "
    "last_seq = $9::bigint, progress = $10::bytea WHERE s.key = $1::bigint AND NOT EXISTS (SELECT FROM "
    "sessions o WHERE o.workspace = $2::bigint AND o.id = $3::text) RETURNING key"};
// Of a session that the statement before has shown.
#define SANDBASE_IS_SHOWN "EXISTS (SELECT FROM sessions WHERE key = $1::bigint AND workspace <> 0)"
const statement finish_definition{"finish_import_definition",
                                  "UPDATE definitions SET definition = $2::bytea WHERE session = $1::bigint "
                                  "AND " SANDBASE_IS_SHOWN};
const statement finish_end{
    "finish_import_end",
    "UPDATE tips SET writer = 0, last_seq = $2::bigint, head = $3::bytea, tip = $4::bytea, "
    "sealed_seq = $2::bigint, sealed_head = $3::bytea WHERE session = $1::bigint "
    "AND " SANDBASE_IS_SHOWN};

class pending_import final : public session_import {
 public:
  pending_import(connection& db, import_group& group, std::string_view workspace, std::string_view id)
      : db_(db), group_(group), workspace_(workspace), id_(id) {
    unwrap(check_name("workspace", workspace));
    group_.begin();
    number_ = group_.number();
    if (!db_.run(find_taken, parameters{workspace, id}).empty()) throw error(taken());
    session_header hidden;
    hidden.definition.edit().id = make_id("staged", timestamp{});
    key_ = insert_session(db_, staging_workspace, hidden, group_.node());
  }
  pending_import(const pending_import&) = delete;
  pending_import& operator=(const pending_import&) = delete;
  ~pending_import() override {
    // If it cannot be removed now, it is when this process is gone.
    if (is_open_)
      static_cast<void>(attempt([&] {
        enter();
        db_.run(bury_statement, parameters{key_});
      }));
  }

  result<void> add(log_block_ptr block) override {
    return attempt([&] {
      enter();
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
      enter();
      const auto repeated = write_slice(db_, key_, {}, ids, end_.seq);
      if (!repeated.empty())
        throw error(errc::invalid, fmt::format("the session already has an event of id {}", repeated));
    });
  }

  result<void> finish(const session_header& header) override {
    return attempt([&] {
      enter();
      const auto& d = *header.definition;
      const auto& p = header.progress;
      if (d.id != id_ || p.tip.last_seq != end_.seq || p.tip.head != end_.head)
        throw error(errc::internal, fmt::format("the header does not fit the imported log of {}", id_));
      const auto workspace = make_workspace(db_, workspace_);
      pipeline calls;
      calls.add(finish_header,
                parameters{key_, workspace, id_, d.created_at, d.agent_id, d.agent_version,
                           static_cast<int>(p.status), d.archived_at, p.tip.last_seq, p.encode()});
      calls.add(finish_definition, parameters{key_, d.encode()});
      calls.add(finish_end, parameters{key_, p.tip.last_seq, p.tip.head, p.tip.encode()});
      if (db_.run(calls).front().empty()) throw error(taken());
      is_open_ = false;
      group_.add(bytes_);
    });
  }

 private:
  failure taken() const {
    return {errc::conflict, fmt::format("workspace {} has a session {}", workspace_, id_)};
  }
  /// A transaction is open behind it, in which nobody else removes the session.
  void enter() {
    if (!is_open_) throw error(errc::internal, fmt::format("the import of {} is over", id_));
    group_.begin();
    if (number_ == group_.number()) return;
    if (!find_staged({db_, group_.node()}, key_))
      throw error(errc::unavailable, fmt::format("what was imported of {} is lost", id_));
    number_ = group_.number();
  }

  connection& db_;
  import_group& group_;
  /// The transaction that it was last seen in.
  int number_ = 0;
  const std::string workspace_;
  const std::string id_;
  bool is_open_ = true;
  session_key key_ = 0;
  sealed_end end_;
  std::size_t bytes_ = 0;
};

}  // namespace

import_group::import_group(connection& db) : db_(db), presence_(version_of(own_history)) {}

import_group::~import_group() {
  open_.reset();
  if (has_joined_) presence_.leave(db_);
}

bool import_group::is_old() const {
  constexpr std::chrono::milliseconds most{500};
  return open_ && clock::now() - opened_at_ >= most;
}

void import_group::begin() {
  if (open_ && (!db_.in_transaction() || is_old())) flush();
  if (open_) return;
  if (!has_joined_) presence_.join(db_);
  has_joined_ = true;
  presence_.tell(db_);
  // A line may take its time too, until all of it is there and read.
  db_.exec("SET idle_in_transaction_session_timeout='1min'");
  open_.emplace(db_);
  opened_at_ = clock::now();
  ++number_;
}

void import_group::rest() {
  if (is_old()) flush();
  if (!open_ && has_joined_) presence_.tell(db_);
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
