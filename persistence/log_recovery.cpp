// SPDX-License-Identifier: Apache-2.0
#include "persistence/log_recovery.hpp"

#include "events/session/log_fold.hpp"

namespace sandbase {

result<recovered_log> recover_log(const session_row& row, std::span<const journal_event> unsealed) {
  const auto session = "session " + row.header.definition->id;
  const auto& known = row.header.progress.tip;
  // The header may be younger than the last seal: its head is then that of an event among the unsealed ones.
  if (known.last_seq < row.sealed_seq)
    return {errc::corrupt, session + ": its header is older than its last segment"};
  if (unsealed.size() + row.sealed_seq < known.last_seq)
    return {errc::corrupt, session + ": events that its header tells of are missing"};
  recovered_log log{row.header, {}};
  if (unsealed.empty()) return log;

  const auto sealed_head = known.last_seq == row.sealed_seq ? std::optional{known.head} : std::nullopt;
  log_fold fold{row.sealed_seq, sealed_head, std::move(log.header.progress)};
  log_block_builder builder{row.sealed_seq + 1, unsealed.front().head};
  for (const auto& e : unsealed) {
    const auto seq = builder.next_seq();
    const auto event = fold.take(seq, e.json, e.proof, e.head);
    if (!event) return {event.error().code, session + ", " + event.error().message};
    if (seq > known.last_seq) fold.progress().note_append(e.author, seq, seq, event->time.ms);
    builder.add_with_head(event->type, event->id, event->time.ms, e.json, e.proof, e.head);
    if (builder.bytes() >= sealed_block_bytes) log.unsealed.push_back(builder.finish());
  }
  if (!builder.empty()) log.unsealed.push_back(builder.finish());
  log.header.progress = std::move(fold.progress());
  return log;
}

}  // namespace sandbase
