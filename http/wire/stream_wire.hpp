// SPDX-License-Identifier: Apache-2.0
// How event streams go over the wire, replays and live ones alike: head, chunks, frames through a filter.
#pragma once

#include "events/log/log_slice.hpp"
#include "http/wire/outbox.hpp"
#include "http/wire/request_head.hpp"
#include "http/wire/type_filter.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// Who reads a stream, as far as it makes a difference to what is written.
struct stream_reader {
  /// One that reconnects by itself and stops at 204: it asks for `text/event-stream` and is none of the SDKs.
  bool event_source = false;
  /// One of the SDKs: it skips pings, and raises at `event: error`.
  bool sdk = false;
  /// The SDK for C#: it would parse `[DONE]` as an event unless it is a ping's data.
  bool skips_pings_only = false;

  static stream_reader of(const request_head& head);
};

/// What a client asked of a stream, as far as every stream needs it.
struct stream_plan {
  type_filter filter;
  stream_reader reader;
  /// A reconnect: it named its place by the header Last-Event-ID.
  bool reconnects = false;
  std::string request_id;
  /// Header lines beyond the stream's own, each with its CRLF.
  std::string extra;
  bool http11 = true;
  bool keep_alive = true;
  /// It answers a HEAD: without a body.
  bool head_only = false;
};

/// How the body of a stream ends for the client.
enum class body_end : std::uint8_t {
  /// Content-Length.
  by_length,
  /// Chunked: RFC 9112, section 7.1.
  by_chunk,
  /// HTTP/1.0, or nothing follows.
  by_close,
};

/// The head of a stream's response. `length`: with by_length.
std::string stream_head(const stream_plan& plan, body_end end, std::uint64_t length, bool keep_alive);

/// `size` in hex with its CRLF; the chunk's bytes and another CRLF follow. @pre size > 0
std::string chunk_start(std::size_t size);
inline constexpr std::string_view chunk_finish = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// The frame that says that the reader has everything.
std::string done_frame_for(const stream_reader& reader);
/// The frame that says how far the stream is; `id` empty: at the log's start.
std::string progress_ping(std::string_view id);
/// The same behind everything, before done_frame_for(): of only an id for all but EventSources, which ignore
/// an id without data, some of them.
std::string closing_id(const stream_reader& reader, std::string_view id);
/// The frame of an end without `[DONE]`: why, and in how many milliseconds to come again.
std::string closing_frame(const stream_reader& reader, std::string_view reason,
                          std::chrono::milliseconds retry, std::string_view request_id);
/// The answer that tells an EventSource to stop.
std::string stop_answer(const stream_plan& plan);

/// Appends `part` to `out`, as a chunk if `chunked`; then the last chunk if `last`.
void append_part(outbox& out, outbox part, bool chunked, bool last);

/// Adds the frames of these events that pass. @returns whether there are any
bool add_filtered(outbox& to, const block_span& events, const type_filter& filter);

/// Whether a slice goes on behind `cursor` without a gap; else `corrupt`: another history must not be shown.
result<void> check_continues(const log_slice& slice, seq_t cursor);

}  // namespace sandbase
