// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/roles/reader.hpp"

#include "persistence/sqlite/tables/idempotency_table.hpp"
#include "persistence/sqlite/tables/key_table.hpp"
#include "persistence/sqlite/tables/schema.hpp"
#include "persistence/sqlite/tables/segment_table.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

namespace sandbase::sqlite {

namespace {

std::optional<session_row> find_row(connection& db, workspace_key workspace, std::string_view id) {
  auto rows = db.query("SELECT " SANDBASE_SESSION_COLUMNS " FROM sessions WHERE workspace=?1 AND id=?2",
                       workspace, id);
  if (!rows.next()) return std::nullopt;
  return read_session(rows.row());
}

std::optional<seq_t> find_foreign_id(connection& db, session_key session, std::string_view id) {
  auto rows = db.query("SELECT seq FROM foreign_ids WHERE session=?1 AND id=?2", session, id);
  if (!rows.next()) return std::nullopt;
  return static_cast<seq_t>(rows->integer(0));
}

/// Whether the sealed event at `seq` has this id. Throws `corrupt` if it should be sealed but is not there.
bool shows_id(connection& db, session_key session, seq_t seq, std::string_view id) {
  const auto block = load_segment_with(db, session, seq);
  if (block == nullptr) throw error(errc::corrupt, "a sealed event is missing");
  return block->id(seq) == id;
}

std::optional<seq_t> find_place(connection& db, session_key session, std::string_view id) {
  const snapshot view{db};
  const auto sealed = load_sealed_end(db, session);
  if (!sealed) return std::nullopt;
  if (const auto told = told_place(id);
      told && *told >= 1 && *told <= sealed->seq && shows_id(db, session, *told, id))
    return told;
  const auto noted = find_foreign_id(db, session, id);
  // What is not yet sealed was noted in the transaction that wrote the event.
  if (noted && *noted <= sealed->seq && !shows_id(db, session, *noted, id)) return std::nullopt;
  return noted;
}

class reader final : public event_reader {
 public:
  explicit reader(const std::string& path) : db_(path, {side::reading, 2 * 1024, false}) {
    expect_current(db_, path);
  }

  result<std::optional<session_row>> find_session(workspace_key workspace, std::string_view id) override {
    return attempt([&] { return find_row(db_, workspace, id); });
  }

  result<std::vector<session_row>> reload(std::span<const session_key> keys) override {
    return attempt([&] {
      const snapshot view{db_};
      std::vector<session_row> rows;
      for (const auto key : keys)
        if (auto row = load_session(db_, key)) rows.push_back(*std::move(row));
      return rows;
    });
  }

  result<session_page> list_sessions(const session_query& query,
                                     const std::function<bool()>& enough) override {
    return attempt([&] { return sqlite::list_sessions(db_, query, enough); });
  }

  result<log_slice> read(session_key session, seq_t after, seq_t up_to, std::size_t max_bytes) override {
    return attempt([&] { return read_segments(db_, session, after, up_to, max_bytes, &held_); });
  }

  result<log_slice> read_back(session_key session, seq_t from, seq_t before, std::size_t max_bytes) override {
    return attempt([&] { return read_segments_back(db_, session, from, before, max_bytes, &held_); });
  }

  result<search_result> search(session_key session, const search_range& range, const event_selection& what,
                               const std::function<bool()>& enough) override {
    return attempt([&] { return search_segments(db_, session, range, what, enough); });
  }

  result<std::optional<seq_t>> find_event(session_key session, std::string_view id) override {
    return attempt([&] { return find_place(db_, session, id); });
  }

  result<std::optional<idempotency_record>> find_idempotency(workspace_key workspace, session_key session,
                                                             std::string_view key) override {
    return attempt([&]() -> std::optional<idempotency_record> {
      auto kept = find_request(db_, workspace, session, key);
      if (!kept) return std::nullopt;
      return std::move(kept->record);
    });
  }

  result<std::optional<api_key>> find_key(const digest& hash) override {
    return attempt([&] { return find_api_key(db_, hash); });
  }
  result<std::optional<api_key>> find_key(api_key_id id) override {
    return attempt([&] { return find_api_key(db_, id); });
  }

 private:
  connection db_;
  held_blocks held_;
};

}  // namespace

result<std::unique_ptr<event_reader>> open_reader(const std::string& path) {
  return attempt([&]() -> std::unique_ptr<event_reader> { return std::make_unique<reader>(path); });
}

}  // namespace sandbase::sqlite
