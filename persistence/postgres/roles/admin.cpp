// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/admin.hpp"

#include "events/base/utf8.hpp"
#include "persistence/log_recovery.hpp"
#include "persistence/postgres/roles/check.hpp"
#include "persistence/postgres/roles/importing.hpp"
#include "persistence/postgres/roles/registry.hpp"
#include "persistence/postgres/tables/key_table.hpp"
#include "persistence/postgres/tables/segment_table.hpp"
#include "persistence/postgres/tables/session_table.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

const statement find_by_id{"find_sessions",
                           "SELECT s.key FROM workspaces w JOIN sessions s ON s.workspace = w.id AND s.id = "
                           "$1::text ORDER BY s.key"};
const statement walk_sessions{
    "walk_sessions",
    "SELECT created_at, key FROM sessions WHERE workspace = $1::bigint AND (created_at, key) > ($2::bigint, "
    "$3::bigint) ORDER BY created_at, key LIMIT 200"};
const statement read_unsealed{
    "read_unsealed",
    "SELECT seq, author, head, proof, json FROM journal WHERE session = $1::bigint AND seq > $2::bigint "
    "AND EXISTS (SELECT FROM tips WHERE session = $1::bigint) ORDER BY seq LIMIT 256"};

class admin final : public store_admin {
 public:
  explicit admin(const conninfo& where) : db_(where, tool_purpose), imports_(db_) {}
  ~admin() override {
    static_cast<void>(attempt([&] { imports_.flush(); }));
  }

  result<new_api_key> create_key(std::string_view workspace, role may, std::string_view name,
                                 timestamp now) override {
    return attempt([&] {
      imports_.flush();
      return postgres::create_key(db_, workspace, may, name, now);
    });
  }
  result<std::vector<api_key>> list_keys() override {
    return attempt([&] { return postgres::list_keys(db_); });
  }
  result<api_key> revoke_key(api_key_id id, timestamp now) override {
    return attempt([&] {
      imports_.flush();
      return postgres::revoke_key(db_, id, now);
    });
  }
  result<std::vector<workspace_row>> list_workspaces() override {
    return attempt([&] { return postgres::list_workspaces(db_); });
  }

  result<std::vector<node_record>> list_nodes() override {
    return attempt([&] { return all_nodes(db_); });
  }
  result<std::optional<node_id>> find_writer(session_key session) override {
    return attempt([&] { return writer_of(db_, session); });
  }

  result<void> each_session(std::optional<std::string_view> workspace,
                            const std::function<bool(const session_row&, std::string_view)>& f) override {
    return attempt([&] {
      for (const auto& w : postgres::list_workspaces(db_))
        if ((!workspace || w.name == *workspace) && !each_session_of(w, f)) return;
    });
  }

  result<std::vector<session_row>> find_sessions(std::string_view id) override {
    return attempt([&] {
      std::vector<session_row> all;
      if (!is_utf8(id) || id.find('\0') != std::string_view::npos) return all;
      const auto found = db_.run(find_by_id, parameters{id});
      for (int i = 0; i < found.count(); ++i)
        if (auto row = up_to_date(found.integer(i, 0))) all.push_back(*std::move(row));
      return all;
    });
  }

  result<void> each_slice(session_key session, seq_t after, std::size_t max_bytes,
                          const std::function<bool(const log_slice&)>& f) override {
    return attempt([&] {
      for (auto slice = slice_behind(session, after, max_bytes); !slice.empty();
           slice = slice_behind(session, slice.last_seq(), max_bytes))
        if (!f(slice)) return;
    });
  }

  result<std::unique_ptr<session_import>> begin_import(std::string_view workspace,
                                                       std::string_view id) override {
    return attempt([&] { return postgres::begin_import(db_, imports_, workspace, id); });
  }
  result<void> rest() override {
    return attempt([&] { imports_.rest(); });
  }
  result<void> flush() override {
    return attempt([&] { imports_.flush(); });
  }

  result<check_report> check(const std::function<void(const std::string&)>& problem) override {
    return attempt([&] {
      imports_.flush();
      return check_store(db_, problem);
    });
  }

 private:
  /// @returns false if `f` wants no more
  bool each_session_of(const workspace_row& workspace,
                       const std::function<bool(const session_row&, std::string_view)>& f) {
    for (session_place last;;) {
      const auto some = db_.run(walk_sessions, parameters{workspace.key, last.created_at, last.key});
      if (some.empty()) return true;
      for (int i = 0; i < some.count(); ++i) {
        last = {some.time(i, 0), some.integer(i, 1)};
        const auto row = up_to_date(last.key);
        if (row && !f(*row, workspace.name)) return false;
      }
    }
  }

  /// The row with progress as of the last event; empty if it is gone.
  std::optional<session_row> up_to_date(session_key session) {
    auto end = load_end(db_, session);
    if (!end) return std::nullopt;
    auto log = unwrap(recover_log(end->row, end->unsealed));
    auto& before = end->row.header.progress;
    auto& progress = log.header.progress;
    progress.tip.updated_at = std::max(progress.tip.updated_at, before.tip.updated_at);
    progress.recent_appends = std::move(before.recent_appends);
    before = std::move(progress);
    return std::move(end->row);
  }

  /// From the segments or, behind them, from the journal. What moves from there to here between the two is
  /// found by another look.
  log_slice slice_behind(session_key session, seq_t after, std::size_t max_bytes) {
    constexpr int max_attempts = 8;
    held_blocks none;
    for (int attempts = 0; attempts < max_attempts; ++attempts) {
      if (!load_sealed_end(db_, session)) return {};
      auto slice = read_segments(db_, session, after, max_told_seq, max_bytes, none);
      if (!slice.empty()) return slice;
      const auto found = db_.run(read_unsealed, parameters{session, after});
      if (found.empty()) {
        // Sealed meanwhile, or there is nothing behind it.
        const auto end = load_sealed_end(db_, session);
        if (!end || end->seq <= after) return {};
        continue;
      }
      if (found.number(0, 0) != after + 1) continue;  // those before it were sealed meanwhile
      return unsealed_slice(found, max_bytes);
    }
    throw error(errc::corrupt, fmt::format("event {} of session {} is missing", after + 1, session));
  }

  static log_slice unsealed_slice(const rows& found, std::size_t max_bytes) {
    log_block_builder builder{found.number(0, 0), found.hash(0, 2)};
    for (int i = 0; i < found.count() && (builder.empty() || builder.bytes() < max_bytes); ++i) {
      const auto json = found.bytes(i, 4);
      const auto parts = unwrap(read_stored_event(json));
      builder.add_with_head(parts.type, parts.id, parts.time.ms, json, found.proof(i, 3), found.hash(i, 2));
    }
    const auto block = builder.finish();
    return {{{block, block->first_seq(), block->last_seq()}}};
  }

  connection db_;
  import_group imports_;
};

}  // namespace

result<std::unique_ptr<store_admin>> open_admin(const conninfo& where) {
  return attempt([&]() -> std::unique_ptr<store_admin> { return std::make_unique<admin>(where); });
}

}  // namespace sandbase::postgres
