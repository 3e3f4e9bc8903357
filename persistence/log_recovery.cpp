// SPDX-License-Identifier: Apache-2.0
#include "persistence/log_recovery.hpp"

#include "events/event/stored_event.hpp"

namespace sandbase {

result<recovered_log> recover_log(const session_row& row, std::span<const journal_event> unsealed) {
  recovered_log log{row.header, {}};
  auto& progress = log.header.progress;
  const auto session = "session " + row.header.definition.id;
  // The header may be younger than the last seal: its head is then that of an event among the unsealed ones.
  if (progress.tip.last_seq < row.sealed_seq)
    return {errc::corrupt, session + ": its header is older than its last segment"};
  if (unsealed.size() + row.sealed_seq < progress.tip.last_seq)
    return {errc::corrupt, session + ": events that its header tells of are missing"};
  if (unsealed.empty()) return log;

  std::optional<log_block_builder> builder;
  auto seq = row.sealed_seq;
  for (const auto& e : unsealed) {
    ++seq;
    const auto parts = read_stored_event(e.json);
    if (!parts)
      return {errc::corrupt, session + ", event " + std::to_string(seq) + ": " + parts.error().message};
    // The chain before the first unsealed event is known only if the header is as of the last seal; the
    // journal's own heads tell it otherwise.
    if (!builder) builder.emplace(seq, e.head);
    builder->add_with_head(parts->type, parts->id, parts->time.ms, e.json, e.head);
    if (builder->bytes() >= sealed_block_bytes) log.unsealed.push_back(builder->finish());
    if (seq > progress.tip.last_seq) {
      if (next_head(progress.tip.head, e.json) != e.head)
        return {errc::corrupt, session + ", event " + std::to_string(seq) + ": the hash chain breaks here"};
      progress.apply(facts_of(e.json), seq, parts->id, parts->time, e.head);
      progress.note_append(e.author, seq, seq, parts->time.ms);
    } else if (seq == progress.tip.last_seq && progress.tip.head != e.head) {
      return {errc::corrupt, session + ", event " + std::to_string(seq) + ": its head is not the header's"};
    }
  }
  if (!builder->empty()) log.unsealed.push_back(builder->finish());
  return log;
}

}  // namespace sandbase
