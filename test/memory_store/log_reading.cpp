// SPDX-License-Identifier: Apache-2.0
#include "test/memory_store/log_reading.hpp"

#include "events/event/stored_event.hpp"
#include "test/memory_store/rows.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase::memory {

namespace {

failure gone() { return {errc::not_found, "no such session"}; }
failure gap(session_key session, seq_t seq) {
  return {errc::corrupt, fmt::format("event {} of session {} is missing", seq, session)};
}

}  // namespace

result<log_slice> read_segments(const tables& rows, session_key session, seq_t after, seq_t up_to,
                                std::size_t max_bytes) {
  const auto row = find_row(rows, session);
  if (!row) return gone();
  const auto last = std::min(up_to, row->sealed_seq);
  log_slice slice;
  std::size_t bytes = 0;
  for (auto next = after + 1; next <= last && (slice.empty() || bytes < max_bytes);
       next = slice.last_seq() + 1) {
    const auto block = segment_with(rows, session, next);
    if (!block) return gap(session, next);
    slice.spans.push_back({block, next, std::min(block->last_seq(), last)});
    bytes += slice.spans.back().frames().size();
  }
  return slice;
}

result<log_slice> read_segments_back(const tables& rows, session_key session, seq_t from, seq_t before,
                                     std::size_t max_bytes) {
  const auto row = find_row(rows, session);
  if (!row) return gone();
  const auto first = std::max<seq_t>(from, 1);
  log_slice slice;
  std::size_t bytes = 0;
  for (auto end = std::min(before, row->sealed_seq + 1); end > first && (slice.empty() || bytes < max_bytes);
       end = slice.spans.back().first) {
    const auto block = segment_with(rows, session, end - 1);
    if (!block) return gap(session, end - 1);
    slice.spans.push_back({block, std::max(block->first_seq(), first), end - 1});
    bytes += slice.spans.back().frames().size();
  }
  std::ranges::reverse(slice.spans);
  return slice;
}

result<log_block_ptr> unsealed_block(const tables& rows, session_key session, seq_t after,
                                     std::size_t max_bytes) {
  std::optional<log_block_builder> builder;
  for (auto i = rows.journal.lower_bound({session, after + 1});
       i != rows.journal.end() && i->first.first == session && !(builder && builder->bytes() >= max_bytes);
       ++i) {
    const auto& event = i->second.event;
    const auto parts = read_stored_event(event.json);
    if (!parts) return parts.error();
    if (!builder) builder.emplace(i->first.second, event.head);
    builder->add_with_head(parts->type, parts->id, parts->time.ms, event.json, event.proof, event.head);
  }
  return builder ? builder->finish() : nullptr;
}

result<search_result> search_segments(const tables& rows, session_key session, const search_range& range,
                                      const event_selection& what, const std::function<bool()>& enough) {
  const auto row = find_row(rows, session);
  if (!row) return gone();
  const auto last = std::min(range.up_to, row->sealed_seq);
  const auto& times = what.times();
  search_result found{range.backwards ? std::max(last, range.after) : range.after, false, false};
  bool got_ahead = false;
  while (range.backwards ? found.reached > range.after : found.reached < last) {
    if (std::exchange(got_ahead, true) && enough()) return found;
    const auto block = segment_with(rows, session, range.backwards ? found.reached : found.reached + 1);
    if (!block) return gap(session, range.backwards ? found.reached : found.reached + 1);
    const auto is_past = [&](seq_t seq) {
      const auto time = block->mark(seq).time;
      return range.backwards ? times.surely_too_early(time) : times.surely_too_late(time);
    };
    // Event by event to the end of this segment.
    const auto end =
        range.backwards ? std::max(block->first_seq() - 1, range.after) : std::min(block->last_seq(), last);
    while (found.reached != end) {
      const auto seq = range.backwards ? found.reached : found.reached + 1;
      found.through = is_past(seq);
      found.found = !found.through && what.passes(*block, seq);
      if (found.through || found.found) return found;
      found.reached = range.backwards ? seq - 1 : seq;
    }
  }
  return found;
}

result<std::optional<seq_t>> find_place(const tables& rows, session_key session, std::string_view id) {
  std::optional<seq_t> place;
  const auto row = find_row(rows, session);
  if (!row) return place;
  const auto shows = [&](seq_t seq) {
    const auto block = segment_with(rows, session, seq);
    return block != nullptr && block->id(seq) == id;
  };
  if (const auto told = told_place(id); told && *told >= 1 && *told <= row->sealed_seq && shows(*told))
    return told;
  const auto noted = rows.foreign_ids.find({session, std::string{id}});
  if (noted == rows.foreign_ids.end()) return place;
  if (noted->second > row->sealed_seq || shows(noted->second)) place = noted->second;
  return place;
}

}  // namespace sandbase::memory
