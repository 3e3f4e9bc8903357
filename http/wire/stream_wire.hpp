// How event streams go over the wire, replays and live ones alike: head, chunks, frames through a filter.
#pragma once

#include "events/log_slice.hpp"
#include "http/wire/outbox.hpp"
#include "http/wire/type_filter.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// What a client asked of a stream, as far as every stream needs it.
struct stream_plan {
  type_filter filter;
  std::string request_id;
  /// Header lines beyond the stream's own, each with its CRLF.
  std::string extra;
  bool http11 = true;
  bool keep_alive = true;
  /// HEAD.
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
/// Appends `part` to `out`, as a chunk if `chunked`; then the last chunk if `last`.
void append_part(outbox& out, outbox part, bool chunked, bool last);

/// The frames of `slice` that pass.
outbox filtered(const log_slice& slice, const type_filter& filter);

/// Whether a slice goes on behind `cursor` without a gap; else `corrupt`: another history must not be shown.
result<void> check_continues(const log_slice& slice, seq_t cursor);

}  // namespace sandbase
