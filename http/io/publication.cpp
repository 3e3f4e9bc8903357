// SPDX-License-Identifier: Apache-2.0
#include "http/io/publication.hpp"

#include "events/log/turn_end.hpp"
#include "http/wire/stream_wire.hpp"

namespace sandbase {

namespace {

/// Up to here one copy for all streams is cheaper than a gather write for each.
constexpr std::size_t max_chunk_bytes = 64 * 1024;

}  // namespace

publication::publication(const published& p) : message_(p) {
  const auto& slice = message_.slice;
  if (slice.empty()) return;
  turn_end_ = find_turn_end(slice);
  const auto bytes = slice.bytes();
  if (bytes > max_chunk_bytes || message_.state != log_state::open) return;
  auto text = chunk_start(bytes);
  const auto before = text.size();
  text.reserve(before + bytes + chunk_finish.size());
  for (const auto& span : slice.spans) text += span.frames();
  text += chunk_finish;
  chunk_ = std::make_shared<const std::string>(std::move(text));
  frames_ = std::string_view{*chunk_}.substr(before, bytes);
}

}  // namespace sandbase
