// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/admin.hpp"

#include "persistence/api_keys.hpp"
#include "persistence/log_recovery.hpp"
#include "persistence/names.hpp"
#include "test/memory_store/check.hpp"
#include "test/memory_store/importing.hpp"
#include "test/memory_store/log_reading.hpp"
#include "test/memory_store/rows.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::memory {

namespace {

/// The row with progress as of the last event. `corrupt` if the log is none.
result<session_row> up_to_date(const tables& rows, session_key session) {
  auto end = *find_end(rows, session);
  auto log = recover_log(end.row, end.unsealed);
  if (!log) return std::move(log).error();
  auto& before = end.row.header.progress;
  auto& progress = log->header.progress;
  progress.tip.updated_at = std::max(progress.tip.updated_at, before.tip.updated_at);
  progress.recent_appends = std::move(before.recent_appends);
  before = std::move(progress);
  return std::move(end.row);
}

class admin final : public store_admin {
 public:
  admin(std::shared_ptr<memory_database> database, std::shared_ptr<node_link> link)
      : database_(std::move(database)), link_(std::move(link)) {}

  result<new_api_key> create_key(std::string_view workspace, role may, std::string_view name,
                                 timestamp now) override {
    return link_->carry(store_call::change, [&]() -> result<new_api_key> {
      if (auto fits = check_name("name", name); !fits) return std::move(fits).error();
      auto secret = make_api_key();
      if (!secret) return std::move(secret).error();
      auto tx = database_->begin();
      const auto owner = make_workspace(tx, workspace);
      if (!owner) return owner.error();
      const auto id = tx.add(&counters::last_key, 1);
      const api_key key{id,  *owner, std::string{workspace}, may, std::string{name}, api_key_hint(*secret),
                        now, {}};
      tx.put(&tables::keys, id, {key, hash_api_key(*secret)});
      tx.commit();
      return new_api_key{key, *std::move(secret)};
    });
  }
  result<std::vector<api_key>> list_keys() override {
    return look([&](const tables& rows) -> result<std::vector<api_key>> {
      std::vector<api_key> all;
      for (const auto& [id, row] : rows.keys) all.push_back(row.key);
      return all;
    });
  }
  result<api_key> revoke_key(api_key_id id, timestamp now) override {
    return link_->carry(store_call::change, [&]() -> result<api_key> {
      const auto known = database_->rows().keys.find(id);
      if (known == database_->rows().keys.end())
        return {errc::not_found, fmt::format("there is no API key {}", id)};
      auto row = known->second;
      if (row.key.revoked_at) return row.key;
      row.key.revoked_at = now;
      auto tx = database_->begin();
      tx.put(&tables::keys, id, row);
      tx.commit();
      return row.key;
    });
  }

  result<std::vector<workspace_row>> list_workspaces() override {
    return look([&](const tables& rows) -> result<std::vector<workspace_row>> {
      std::vector<workspace_row> all;
      for (const auto& [key, name] : rows.workspaces) {
        const auto is_its = [workspace = key](const auto& session) {
          return session.second->workspace == workspace;
        };
        all.push_back({key, name, std::ranges::count_if(rows.sessions, is_its)});
      }
      return all;
    });
  }

  result<void> each_session(std::optional<std::string_view> workspace,
                            const std::function<bool(const session_row&, std::string_view)>& f) override {
    return look([&](const tables& rows) -> result<void> {
      for (const auto& [key, name] : rows.workspaces) {
        if (workspace && name != *workspace) continue;
        session_query all;
        all.workspace = key;
        all.limit = rows.sessions.size();
        all.ascending = true;
        all.include_archived = true;
        for (const auto& listed : list_sessions(rows, all, [] { return false; }).rows) {
          const auto row = up_to_date(rows, listed.key);
          if (!row) return row.error();
          if (!f(*row, name)) return {};
        }
      }
      return {};
    });
  }

  result<std::vector<session_row>> find_sessions(std::string_view id) override {
    return look([&](const tables& rows) -> result<std::vector<session_row>> {
      std::vector<session_row> found;
      for (const auto& [key, session] : rows.sessions) {
        if (session->header.definition->id != id) continue;
        auto row = up_to_date(rows, key);
        if (!row) return std::move(row).error();
        found.push_back(*std::move(row));
      }
      return found;
    });
  }

  result<void> each_slice(session_key session, seq_t after, std::size_t max_bytes,
                          const std::function<bool(const log_slice&)>& f) override {
    return look([&](const tables& rows) -> result<void> {
      if (!find_row(rows, session)) return {};
      for (;;) {
        auto slice = read_segments(rows, session, after, max_told_seq, max_bytes);
        if (!slice) return std::move(slice).error();
        if (slice->empty()) {
          auto block = unsealed_block(rows, session, after, max_bytes);
          if (!block) return std::move(block).error();
          if (!*block) return {};
          slice->spans.push_back({*block, (*block)->first_seq(), (*block)->last_seq()});
        }
        if (!f(*slice)) return {};
        after = slice->last_seq();
      }
    });
  }

  result<std::unique_ptr<session_import>> begin_import(std::string_view workspace,
                                                       std::string_view id) override {
    return link_->carry(store_call::change, [&] { return memory::begin_import(database_, workspace, id); });
  }
  result<void> flush() override { return {}; }

  result<check_report> check(const std::function<void(const std::string&)>& problem) override {
    return look([&](const tables& rows) -> result<check_report> { return check_store(rows, problem); });
  }

 private:
  template <class F>
  std::invoke_result_t<F, const tables&> look(F&& f) {
    return link_->carry(store_call::read, [&] { return f(database_->rows()); });
  }

  const std::shared_ptr<memory_database> database_;
  const std::shared_ptr<node_link> link_;
};

}  // namespace

std::unique_ptr<store_admin> open_admin(std::shared_ptr<memory_database> database,
                                        std::shared_ptr<node_link> link) {
  return std::make_unique<admin>(std::move(database), std::move(link));
}

}  // namespace sandbase::memory
