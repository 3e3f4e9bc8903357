// SPDX-License-Identifier: Apache-2.0
#include "http/wire/stream_wire.hpp"

#include "events/log/frame.hpp"
#include "http/wire/response.hpp"
#include "http/wire/text.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

constexpr std::string_view stream_lines = "X-Accel-Buffering: no\r\n";

std::string_view explain_closing(std::string_view reason) {
  if (reason == "shutdown") return "the service is shutting down: come again, behind the last id";
  if (reason == "max_age") return "this stream is old (http.stream_max_age): come again, behind the last id";
  if (reason == "token_expired") return "this stream token has expired: mint another";
  return "this node has lost its store: come again, behind the last id";
}

std::string_view or_start(std::string_view id) { return id.empty() ? "start" : id; }

}  // namespace

stream_reader stream_reader::of(const request_head& head) {
  const auto names_streams = [](std::string_view type) {
    return iequals(trim(type.substr(0, type.find(';'))), "text/event-stream");
  };
  const auto types = split(head.accept, ',');
  stream_reader reader;
  reader.sdk = !head.sdk.empty();
  reader.skips_pings_only = iequals(head.sdk, "csharp");
  reader.event_source = !reader.sdk && std::any_of(types.begin(), types.end(), names_streams);
  return reader;
}

std::string done_frame_for(const stream_reader& reader) {
  return (reader.skips_pings_only ? "event: ping\n" : "") + std::string{done_frame};
}

std::string progress_ping(std::string_view id) {
  return fmt::format("event: ping\nid: {}\ndata: {{\"type\":\"ping\"}}\n\n", or_start(id));
}

std::string closing_id(const stream_reader& reader, std::string_view id) {
  return reader.event_source ? progress_ping(id) : fmt::format("id: {}\n\n", or_start(id));
}

std::string closing_frame(const stream_reader& reader, std::string_view reason,
                          std::chrono::milliseconds retry, std::string_view request_id) {
  const auto text = fmt::format("retry: {}\n", retry.count());
  if (reader.sdk) {
    const failure why{errc::unavailable, std::string{explain_closing(reason)}};
    return fmt::format("{}event: error\ndata: {}\n\n", text, render_error(to_reply(why), request_id));
  }
  return fmt::format("{}event: ping\ndata: {{\"type\":\"ping\",\"closing\":\"{}\"}}\n\n", text, reason);
}

std::string stop_answer(const stream_plan& plan) {
  response_head head;
  head.status = 204;
  head.content_type = {};
  head.request_id = plan.request_id;
  head.extra = plan.extra;
  head.close = !plan.keep_alive;
  head.http11 = plan.http11;
  std::string text;
  append_head(text, head);
  return text;
}

std::string stream_head(const stream_plan& plan, body_end end, std::uint64_t length, bool keep_alive) {
  response_head head;
  head.content_type = "text/event-stream; charset=utf-8";
  head.cache_control = "no-cache, no-transform";
  head.request_id = plan.request_id;
  const auto extra = fmt::format("{}{}", stream_lines, plan.extra);
  head.extra = extra;
  if (end == body_end::by_length) head.content_length = length;
  head.chunked = end == body_end::by_chunk;
  head.close = !keep_alive;
  head.http11 = plan.http11;
  std::string text;
  append_head(text, head);
  return text;
}

std::string chunk_start(std::size_t size) { return fmt::format("{:x}{}", size, chunk_finish); }

void append_part(outbox& out, outbox part, bool chunked, bool last) {
  if (!chunked) return out.append(std::move(part));
  if (!part.empty()) {  // an empty chunk would be the end
    out.add(chunk_start(part.bytes()));
    out.append(std::move(part));
    out.add(chunk_finish);
  }
  if (last) out.add(last_chunk);
}

bool add_filtered(outbox& to, const block_span& events, const type_filter& filter) {
  if (!filter.active()) {
    to.add(events.frames(), events.block);
    return true;
  }
  bool any = false;
  for (auto seq = events.first; seq <= events.last;) {
    if (!filter.passes(*events.block, seq)) {
      ++seq;
      continue;
    }
    const auto start = seq;
    while (seq <= events.last && filter.passes(*events.block, seq)) ++seq;
    to.add(events.block->frames(start, seq - 1), events.block);
    any = true;
  }
  return any;
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
