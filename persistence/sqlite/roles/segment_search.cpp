// SPDX-License-Identifier: Apache-2.0
// A session's segments as a search reads them.
#include "persistence/segment_search.hpp"

#include "persistence/segment_codec.hpp"
#include "persistence/sqlite/roles/reader.hpp"
#include "persistence/sqlite/tables/segment_table.hpp"
#include "persistence/sqlite/tables/session_table.hpp"

#include <fmt/core.h>
#include <optional>

namespace sandbase::sqlite {

namespace {

class source final : public segment_source {
 public:
  source(connection& db, session_key session) : db_(db), session_(session), loader_(db) {}

  marked_segment find(seq_t seq) override {
    row_.reset();
    row_.emplace(
        db_.query("SELECT " SANDBASE_SEGMENT_COLUMNS
                  " FROM segments WHERE session=?1 AND first_seq<=?2 ORDER BY first_seq DESC LIMIT 1",
                  session_, seq));
    const bool is_there = row_->next();
    const auto& row = row_->row();
    if (!is_there || static_cast<seq_t>(row.integer(3)) < seq)
      throw error(errc::corrupt, fmt::format("event {} of session {} is missing", seq, session_));
    return unwrap(read_marks(
        {session_, static_cast<seq_t>(row.integer(2)), static_cast<seq_t>(row.integer(3))}, row.bytes(5)));
  }
  log_block_ptr load() override { return loader_.load(row_->row()); }

 private:
  connection& db_;
  const session_key session_;
  segment_loader loader_;
  std::optional<cursor> row_;
};

}  // namespace

search_result search_segments(connection& db, session_key session, const search_range& range,
                              const event_selection& what, const std::function<bool()>& enough) {
  const snapshot view{db};
  const auto sealed = load_sealed_end(db, session);
  source segments{db, session};
  return sandbase::search_segments(segments, range, sealed ? sealed->seq : 0, what, enough);
}

}  // namespace sandbase::sqlite
