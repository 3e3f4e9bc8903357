// SPDX-License-Identifier: Apache-2.0
#include "http/stream/export_writer.hpp"

#include "http/wire/response.hpp"
#include "persistence/transfer/transfer_line.hpp"

namespace sandbase {

std::string export_writer::head(body_end end, std::uint64_t length, bool keep_alive) const {
  response_head head;
  head.content_type = "application/x-ndjson";
  head.request_id = plan_.request_id;
  head.extra = plan_.extra;
  if (end == body_end::by_length) head.content_length = length;
  head.chunked = end == body_end::by_chunk;
  head.close = !keep_alive;
  head.http11 = plan_.http11;
  std::string text;
  append_head(text, head);
  return text;
}

void export_writer::add_span(const block_span& events) {
  for (auto seq = events.first; seq <= events.last; ++seq) {
    add(event_line_start);
    add_shared(events.block->json(seq), events.block);
    add(event_line_end(*events.block, seq));
  }
  added(events, bounded_run_bytes);
}

}  // namespace sandbase
