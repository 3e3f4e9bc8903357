// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/tables/session_table.hpp"

#include "events/ids/event_id.hpp"

#include <fmt/core.h>

namespace sandbase::postgres {

// A header (kind 0), and behind it the unsealed events (kind 1), by one statement: a seal moves them away.
#define SANDBASE_END_OF(found)                                                                       \
  "WITH s AS (" found                                                                                \
  ") SELECT 0, s.key, s.workspace, s.sealed_seq, s.definition, s.progress, NULL::bytea, s.tip_seq, " \
  "s.epoch, "                                                                                        \
  "s.writer FROM s UNION ALL SELECT 1, j.seq, j.author, 0, j.json, j.head, j.proof, 0, 0, 0 "        \
  "FROM s JOIN journal j ON j.session = s.key AND j.seq > s.sealed_seq ORDER BY 1, 2"
#define SANDBASE_HEADER                                                                                 \
  "SELECT s.key, s.workspace, t.sealed_seq, d.definition, s.progress, t.last_seq AS tip_seq, t.epoch, " \
  "t.writer "                                                                                           \
  "FROM sessions s JOIN tips t ON t.session = s.key JOIN definitions d ON d.session = s.key "

const statement load_end_by_key{"load_end_by_key",
                                SANDBASE_END_OF(SANDBASE_HEADER "WHERE s.key = $1::bigint")};

namespace {

const statement load_end_by_id{
    "load_end_by_id", SANDBASE_END_OF(SANDBASE_HEADER "WHERE s.workspace = $1::bigint AND s.id = $2::text")};

const statement load_by_keys{
    "load_sessions",
    "SELECT s.key, s.workspace, t.sealed_seq, d.definition, s.progress, t.tip FROM unnest($1::bigint[]) AS a "
    "JOIN sessions s ON s.key = a JOIN tips t ON t.session = s.key JOIN definitions d ON d.session = s.key"};

const statement find_sealed_end{"find_sealed_end",
                                "SELECT sealed_seq, sealed_head FROM tips WHERE session = $1::bigint"};

session_row read_row(const rows& all, int i, int column) {
  session_row row;
  row.key = all.integer(i, column);
  row.workspace = all.integer(i, column + 1);
  row.sealed_seq = all.number(i, column + 2);
  auto definition = session_definition::decode(all.bytes(i, column + 3));
  auto progress = session_progress::decode(all.bytes(i, column + 4));
  if (!definition || !progress) {
    const auto& why = definition ? progress.error() : definition.error();
    throw error(errc::corrupt,
                fmt::format("the header of session {} cannot be read: {}", row.key, why.message));
  }
  row.header = {*std::move(definition), *std::move(progress)};
  return row;
}

}  // namespace

std::optional<log_end> read_end(const rows& answer) {
  if (answer.empty()) return std::nullopt;
  log_end end{read_row(answer, 0, 1), answer.number(0, 8), {}, node_of(answer.integer(0, 9))};
  const auto tip = answer.number(0, 7);
  const auto missing = [&](seq_t seq) {
    return error(errc::corrupt, fmt::format("event {} of session {} is missing", seq, end.row.key));
  };
  end.unsealed.reserve(static_cast<std::size_t>(answer.count() - 1));
  auto last = end.row.sealed_seq;
  for (int i = 1; i < answer.count(); ++i) {
    if (answer.number(i, 1) != ++last) throw missing(last);
    end.unsealed.push_back({answer.text(i, 4), answer.hash(i, 5), answer.integer(i, 2), answer.proof(i, 6)});
  }
  if (last != tip) throw missing(last + 1);
  return end;
}

std::optional<log_end> load_end(connection& db, session_key session) {
  return read_end(db.run(load_end_by_key, parameters{session}));
}

std::optional<log_end> load_end(connection& db, workspace_key workspace, std::string_view id) {
  return read_end(db.run(load_end_by_id, parameters{workspace, id}));
}

std::vector<session_row> load_sessions(connection& db, std::span<const session_key> sessions) {
  if (sessions.empty()) return {};
  auto keys = integers();
  for (const auto key : sessions) keys.add(key);
  const auto found = db.run(load_by_keys, parameters{keys});
  std::vector<session_row> all;
  for (int i = 0; i < found.count(); ++i) {
    auto row = read_row(found, i, 0);
    auto tip = unwrap(log_tip::decode(found.bytes(i, 5)));
    auto& known = row.header.progress.tip;
    if (tip.last_seq > known.last_seq) known = std::move(tip);
    all.push_back(std::move(row));
  }
  return all;
}

std::optional<sealed_end> load_sealed_end(connection& db, session_key session) {
  const auto found = db.run(find_sealed_end, parameters{session});
  if (found.empty()) return std::nullopt;
  return sealed_end{found.number(0, 0), found.hash(0, 1)};
}

std::int64_t make_first_epoch() {
  // Claims count in the lower half.
  constexpr int lower_bits = 32;
  return static_cast<std::int64_t>(random_bits() >> (lower_bits + 1)) << lower_bits;
}

}  // namespace sandbase::postgres
