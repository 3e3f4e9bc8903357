// SPDX-License-Identifier: Apache-2.0
// A session's segments as a search reads them.
#include "persistence/segment_search.hpp"

#include "persistence/postgres/tables/segment_table.hpp"
#include "persistence/postgres/tables/session_table.hpp"
#include "persistence/segment_codec.hpp"

#include <fmt/core.h>

namespace sandbase::postgres {

namespace {

const statement find_marks{
    "find_marks",
    "SELECT first_seq, last_seq, marks FROM segments WHERE session = $1::bigint AND first_seq <= $2::bigint "
    "ORDER BY first_seq DESC LIMIT 1"};

class source final : public segment_source {
 public:
  source(connection& db, session_key session) : db_(db), session_(session) {}

  marked_segment find(seq_t seq) override {
    found_ = db_.run(find_marks, parameters{session_, seq});
    if (found_.empty() || found_.number(0, 1) < seq) throw missing(seq);
    return unwrap(read_marks({session_, found_.number(0, 0), found_.number(0, 1)}, found_.bytes(0, 2)));
  }
  log_block_ptr load() override {
    auto block = load_segment_with(db_, session_, found_.number(0, 0));
    if (!block) throw missing(found_.number(0, 0));
    return block;
  }

 private:
  /// It may be deleted, and swept, since the search began.
  error missing(seq_t seq) const {
    if (!load_sealed_end(db_, session_)) return error(errc::not_found, "no such session");
    return error(errc::corrupt, fmt::format("event {} of session {} is missing", seq, session_));
  }

  connection& db_;
  const session_key session_;
  rows found_;
};

}  // namespace

search_result search_segments(connection& db, session_key session, const search_range& range,
                              const event_selection& what, const std::function<bool()>& enough) {
  const auto sealed = load_sealed_end(db, session);
  if (!sealed) throw error(errc::not_found, "no such session");
  source segments{db, session};
  return sandbase::search_segments(segments, range, sealed->seq, what, enough);
}

}  // namespace sandbase::postgres
