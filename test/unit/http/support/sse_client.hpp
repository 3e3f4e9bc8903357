// SPDX-License-Identifier: Apache-2.0
// A client that reads one followed stream as it comes, byte by byte if need be, and fails the test at
// anything that does not belong there.
#pragma once

#include "test/unit/http/support/http_client.hpp"
// The framework's header comes first.
#include "events/log/frame.hpp"

#include <optional>

namespace sandbase::test {

/// What a followed stream has told so far. Chunked bodies only.
class sse_client {
 public:
  explicit sse_client(client_end end) : end_(std::move(end)) {}

  // --- the connection -------------------------------------------------------------------

  client_end& connection() { return end_; }
  /// Reads what has come, at most `at_most` bytes. @returns whether anything had
  bool read(std::size_t at_most = ~std::size_t{0}) {
    const auto bytes = end_.receive(at_most);
    feed(bytes);
    return !bytes.empty();
  }
  void hang_up() { end_.hang_up(); }

  // --- what it has seen --------------------------------------------------------------------

  /// 0: no head yet.
  int status = 0;
  /// Of the response.
  std::string head;
  /// Of a response that is no stream: its body.
  std::string rest;
  /// Of stored events, whole.
  std::vector<std::string> frames;
  /// Of the same.
  std::vector<std::string> ids;
  std::vector<std::string> previews;
  /// What an EventSource would send as Last-Event-ID.
  std::string last_id;
  /// The id in the ping between history and live.
  std::optional<std::string> live_at;
  /// Events before that ping.
  std::size_t history = 0;
  int heartbeats = 0;
  /// Milliseconds.
  int retry = 0;
  /// Why, by a ping.
  std::string closing;
  /// Data of `event: error`.
  std::string error;
  /// `[DONE]`.
  bool done = false;
  /// The body has ended in the proper way.
  bool complete = false;
  /// It has not, and nothing more can come.
  bool cut() const { return !complete && end_.closed(); }
  /// Kinds of frames in their order: e(vent), p(review), l(ive),
  /// h(eartbeat), i(d, also as a ping), c(losing), x (error), d(one).
  std::string order;

 private:
  void feed(std::string_view bytes);
  bool take_head();
  /// Moves the data of a whole chunk, or what is there of one, to the body.
  bool take_chunk();

  void take_frame(const std::string& frame);
  static bool starts(std::string_view text, std::string_view with) { return text.starts_with(with); }

  client_end end_;
  /// Of the connection, not yet taken apart.
  std::string raw_;
  /// Without the chunks around it, not yet taken apart.
  std::string body_;
  std::size_t chunk_left_ = 0;
  bool at_chunk_end_ = false;
  bool is_stream_ = false;
};

}  // namespace sandbase::test
