#include "http/wire/stream_wire.hpp"

#include "http/wire/response.hpp"

namespace sandbase {

namespace {

constexpr std::string_view stream_lines = "X-Accel-Buffering: no\r\n";

}  // namespace

std::string stream_head(const stream_plan& plan, body_end end, std::uint64_t length, bool keep_alive) {
  response_head head;
  head.content_type = "text/event-stream";
  head.cache_control = "no-cache, no-transform";
  head.request_id = plan.request_id;
  const auto extra = std::string{stream_lines} + plan.extra;
  head.extra = extra;
  if (end == body_end::by_length) head.content_length = length;
  head.chunked = end == body_end::by_chunk;
  head.close = !keep_alive;
  head.http11 = plan.http11;
  std::string text;
  append_head(text, head);
  return text;
}

std::string chunk_start(std::size_t size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text{chunk_finish};
  do text.insert(text.begin(), digits[size & 15]);
  while (size >>= 4);
  return text;
}

void append_part(outbox& out, outbox part, bool chunked, bool last) {
  if (!chunked) return out.append(std::move(part));
  if (!part.empty()) {  // an empty chunk would be the end
    out.add(chunk_start(part.bytes()));
    out.append(std::move(part));
    out.add(chunk_finish);
  }
  if (last) out.add(last_chunk);
}

outbox filtered(const log_slice& slice, const type_filter& filter) {
  outbox part;
  for (const auto& [block, first, last] : slice.spans) {
    if (!filter.active()) {
      part.add(block->frames(first, last), block);
      continue;
    }
    for (auto seq = first; seq <= last;) {
      if (!filter.passes(*block, seq)) {
        ++seq;
        continue;
      }
      const auto start = seq;
      while (seq <= last && filter.passes(*block, seq)) ++seq;
      part.add(block->frames(start, seq - 1), block);
    }
  }
  return part;
}

result<void> check_continues(const log_slice& slice, seq_t cursor) {
  auto next = cursor + 1;
  for (const auto& span : slice.spans) {
    if (span.first != next || span.last < span.first) return {errc::corrupt, "a slice has a gap"};
    next = span.last + 1;
  }
  return {};
}

}  // namespace sandbase
