// SPDX-License-Identifier: Apache-2.0
#include "persistence/postgres/roles/claiming.hpp"

#include "persistence/postgres/tables/session_table.hpp"

namespace sandbase::postgres {

namespace {

const statement raise_epoch{"claim",
                            "UPDATE tips SET epoch = epoch + 1, writer = $2::bigint "
                            "WHERE session = $1::bigint RETURNING epoch"};
const statement release{
    "release", "UPDATE tips SET writer = 0 WHERE session = ANY($1::bigint[]) AND writer = $2::bigint"};

}  // namespace

std::optional<claimed_session> claim_session(connection& db, session_key session, std::int64_t node) {
  pipeline calls;
  calls.add(begin_statement);
  const auto epoch = calls.add(raise_epoch, parameters{session, node});
  const auto end = calls.add(load_end_by_key, parameters{session});
  calls.add(commit_statement);
  const auto answers = db.run(calls);
  auto log = read_end(answers[end]);
  if (!log || answers[epoch].empty()) return std::nullopt;
  return claimed_session{answers[epoch].number(0, 0), *std::move(log)};
}

void release_sessions(connection& db, const array& sessions, std::int64_t node) {
  db.run(release, parameters{sessions, node});
}

}  // namespace sandbase::postgres
