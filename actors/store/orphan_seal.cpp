// SPDX-License-Identifier: Apache-2.0
#include "actors/store/orphan_seal.hpp"

#include "actors/log/log_recovery.hpp"

namespace sandbase {

result<std::shared_ptr<seal_op>> make_orphan_seal(event_store& store, session_key session,
                                                  const std::vector<row_run>& runs) {
  auto row = store.load(session);
  if (!row) return row.error();
  if (!*row) return {errc::not_found, "no such session"};
  auto events = store.unsealed(session, runs);
  if (!events) return events.error();
  auto log = recover_log(**row, *events);
  if (!log) return log.error();
  auto op = std::make_shared<seal_op>();
  op->session = session;
  op->blocks = std::move(log->unsealed);
  op->header = std::make_shared<const session_header>(std::move(log->header));
  return op;
}

}  // namespace sandbase
