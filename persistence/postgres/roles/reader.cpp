// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/reader.hpp"

#include "events/base/utf8.hpp"
#include "persistence/postgres/tables/key_table.hpp"
#include "persistence/postgres/tables/request_table.hpp"
#include "persistence/postgres/tables/segment_table.hpp"
#include "persistence/postgres/tables/session_table.hpp"

#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

const statement find_foreign_id{"find_foreign_id",
                                "SELECT seq FROM foreign_ids WHERE session = $1::bigint AND id = $2::bytea"};

/// What can be no session's id the server would refuse to look for.
bool can_be_id(std::string_view id) { return is_utf8(id) && id.find('\0') == std::string_view::npos; }

/// Whether the sealed event at `seq` has this id. Throws `corrupt` if it should be sealed but is not there.
bool shows_id(connection& db, session_key session, seq_t seq, std::string_view id) {
  const auto block = load_segment_with(db, session, seq);
  if (block == nullptr && !load_sealed_end(db, session))
    throw error(errc::not_found, "no such session");  // deleted, and swept, meanwhile
  if (block == nullptr)
    throw error(errc::corrupt, fmt::format("event {} of session {} is missing", seq, session));
  return block->id(seq) == id;
}

std::optional<seq_t> find_place(connection& db, session_key session, std::string_view id) {
  const auto sealed = load_sealed_end(db, session);
  if (!sealed) return std::nullopt;
  if (const auto told = told_place(id);
      told && *told >= 1 && *told <= sealed->seq && shows_id(db, session, *told, id))
    return told;
  const auto found = db.run(find_foreign_id, parameters{session, id});
  if (found.empty()) return std::nullopt;
  const seq_t noted = found.number(0, 0);
  if (noted <= sealed->seq && !shows_id(db, session, noted, id)) return std::nullopt;
  return noted;
}

class reader final : public event_reader {
 public:
  explicit reader(const conninfo& where) : db_(where, "reader") {}

  result<std::optional<log_end>> find_session(workspace_key workspace, std::string_view id) override {
    return attempt([&] { return can_be_id(id) ? load_end(db_, workspace, id) : std::nullopt; });
  }
  result<std::optional<log_end>> find_session(session_key session) override {
    return attempt([&] { return load_end(db_, session); });
  }
  result<session_page> list_sessions(const session_query& query,
                                     const std::function<bool()>& enough) override {
    return attempt([&] { return postgres::list_sessions(db_, query, enough); });
  }

  result<log_slice> read(session_key session, seq_t after, seq_t up_to, std::size_t max_bytes) override {
    return attempt([&] { return read_segments(db_, session, after, up_to, max_bytes, held_); });
  }
  result<log_slice> read_back(session_key session, seq_t from, seq_t before, std::size_t max_bytes) override {
    return attempt([&] { return read_segments_back(db_, session, from, before, max_bytes, held_); });
  }
  result<search_result> search(session_key session, const search_range& range, const event_selection& what,
                               const std::function<bool()>& enough) override {
    return attempt([&] { return search_segments(db_, session, range, what, enough); });
  }
  result<std::optional<seq_t>> find_event(session_key session, std::string_view id) override {
    return attempt([&] { return find_place(db_, session, id); });
  }

  result<std::optional<deletion_record>> find_deletion(workspace_key workspace,
                                                       std::string_view id) override {
    return attempt(
        [&] { return can_be_id(id) ? postgres::find_deletion(db_, workspace, id) : std::nullopt; });
  }
  result<std::optional<idempotency_record>> find_idempotency(workspace_key workspace, session_key session,
                                                             std::string_view key) override {
    return attempt([&] { return find_request(db_, workspace, session, key); });
  }
  result<std::optional<api_key>> find_key(const digest& hash) override {
    return attempt([&] { return find_api_key(db_, hash); });
  }
  result<std::optional<api_key>> find_key(api_key_id id) override {
    return attempt([&] { return find_api_key(db_, id); });
  }

  /// It keeps no pages, and blocks only as long as somebody else does.
  void forget_erased() override {}

 private:
  connection db_;
  held_blocks held_;
};

}  // namespace

result<std::unique_ptr<event_reader>> open_reader(const conninfo& where) {
  return attempt([&]() -> std::unique_ptr<event_reader> { return std::make_unique<reader>(where); });
}

}  // namespace sandbase::postgres
