// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/admin.hpp"

#include "persistence/sqlite/roles/check.hpp"
#include "persistence/sqlite/roles/importing.hpp"
#include "persistence/sqlite/roles/reader.hpp"
#include "persistence/sqlite/sql/log_renewal.hpp"
#include "persistence/sqlite/tables/journal_table.hpp"
#include "persistence/sqlite/tables/key_table.hpp"
#include "persistence/sqlite/tables/schema.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <unordered_map>

namespace sandbase::sqlite {

namespace {

constexpr std::size_t page_rows = 200;

/// What the journal knows beyond the rows of sessions.
using progress_map = std::unordered_map<session_key, session_progress>;

progress_map journal_progress(connection& db) {
  progress_map map;
  for (auto& s : scan_journal(db).sessions) map.emplace(s.row.key, std::move(s.progress));
  return map;
}

void overlay(session_row& row, const progress_map& journal) {
  const auto it = journal.find(row.key);
  // The row may have been read later and be further along.
  if (it != journal.end() && it->second.tip.last_seq > row.header.progress.tip.last_seq) {
    const auto updated = std::max(row.header.progress.tip.updated_at, it->second.tip.updated_at);
    row.header.progress = it->second;
    row.header.progress.tip.updated_at = updated;
  }
}

class admin final : public store_admin {
 public:
  admin(const std::string& path, bool is_alone)
      : db_(path, {side::writing, 8 * 1024, false, is_alone}), imports_(db_, path) {
    expect_current(db_, path);
  }
  ~admin() override {
    static_cast<void>(attempt([&] { imports_.flush(); }));
  }

  result<new_api_key> create_key(std::string_view workspace, role may, std::string_view name,
                                 timestamp now) override {
    return attempt([&] {
      imports_.flush();
      return sqlite::create_key(db_, workspace, may, name, now);
    });
  }
  result<std::vector<api_key>> list_keys() override {
    return attempt([&] { return sqlite::list_keys(db_); });
  }
  result<api_key> revoke_key(api_key_id id, timestamp now) override {
    return attempt([&] {
      imports_.flush();
      return sqlite::revoke_key(db_, id, now);
    });
  }

  result<std::vector<workspace_row>> list_workspaces() override {
    return attempt([&] { return sqlite::list_workspaces(db_); });
  }

  result<void> each_session(std::optional<std::string_view> workspace,
                            const std::function<bool(const session_row&, std::string_view)>& f) override {
    return attempt([&] {
      const auto journal = journal_progress(db_);
      for (const auto& w : sqlite::list_workspaces(db_))
        if ((!workspace || w.name == *workspace) && !each_session_of(w, journal, f)) return;
    });
  }

  result<std::vector<session_row>> find_sessions(std::string_view id) override {
    return attempt([&] {
      const snapshot view{db_};
      std::vector<session_row> found;
      {
        auto rows = db_.query(
            "SELECT " SANDBASE_SESSION_COLUMNS " FROM " SANDBASE_SESSION_TABLES
            " WHERE workspace IN (SELECT id FROM workspaces) AND sessions.id=?1 ORDER BY sessions.key",
            id);
        while (rows.next()) found.push_back(read_session(rows.row()));
      }
      if (found.empty()) return found;
      const auto journal = journal_progress(db_);
      for (auto& row : found) overlay(row, journal);
      return found;
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
    return attempt([&] { return sqlite::begin_import(db_, imports_, workspace, id); });
  }
  result<void> flush() override {
    return attempt([&] { imports_.flush(); });
  }

  result<check_report> check(const std::function<void(const std::string&)>& problem) override {
    return attempt([&] { return check_store(db_, problem); });
  }

 private:
  /// @returns false if `f` wants no more
  bool each_session_of(const workspace_row& workspace, const progress_map& journal,
                       const std::function<bool(const session_row&, std::string_view)>& f) {
    session_query query;
    query.workspace = workspace.key;
    query.limit = page_rows;
    query.ascending = true;
    query.include_archived = true;
    for (bool more = true; more;) {
      auto page = list_sessions(db_, query, [] { return false; });
      for (auto& row : page.rows) {
        overlay(row, journal);
        if (!f(row, workspace.name)) return false;
      }
      more = page.more;
      query.after = page.reached;
    }
    return true;
  }

  /// From the segments or, behind them, from the journal; both as of the same moment.
  log_slice slice_behind(session_key session, seq_t after, std::size_t max_bytes) {
    const snapshot view{db_};
    auto slice = read_segments(db_, session, after, max_told_seq, max_bytes);
    if (!slice.empty() || !load_sealed_end(db_, session)) return slice;
    if (auto block = read_unsealed_block(db_, session, after, max_bytes))
      slice.spans.push_back({block, block->first_seq(), block->last_seq()});
    return slice;
  }

  connection db_;
  import_group imports_;
};

}  // namespace

result<std::unique_ptr<store_admin>> open_admin(const std::string& path, bool is_alone) {
  return attempt([&]() -> std::unique_ptr<store_admin> {
    if (is_alone) renew_log(path);
    return std::make_unique<admin>(path, is_alone);
  });
}

}  // namespace sandbase::sqlite
