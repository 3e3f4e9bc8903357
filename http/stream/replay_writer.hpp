// The protocol of a replay, without actors and sockets: what to ask the
// session for next, and the bytes of the response.
//
//   opened() ──► [whole log in the first slice: Content-Length] ──► finished
//      │
//      └──► wants_pull() ──► pulled() … ──► [end reached or error frame: last chunk] ──► finished
#pragma once

#include "actors/messages.hpp"
#include "http/wire/outbox.hpp"
#include "http/wire/stream_wire.hpp"

#include <string>

namespace sandbase {

/// Bytes of frames that one pull asks for: a session of a thousand events is often one slice.
inline constexpr std::size_t replay_slice_bytes = 512 * 1024;

class replay_writer {
 public:
  explicit replay_writer(stream_plan plan) : plan_(std::move(plan)) {}

  /// The session's answer to open_request: writes the head and the first events. On failure nothing is
  /// written, and the client can still be told in the ordinary way.
  result<void> opened(const pull_answer& first);
  /// A further slice.
  void pulled(const pull_answer& next);
  /// No further slice will come: writes an error frame and the end. @pre opened() was successful, !finished()
  void failed(const failure& why);

  /// Whether everything up to the end of the response is in out() (or gone from it).
  bool finished() const { return finished_; }
  /// The request for what comes next. @pre opened() was successful, !finished()
  pull_request next_pull() const;
  /// Last event that the client was shown or that the filter kept back.
  seq_t cursor() const { return cursor_; }
  /// Whether the connection can carry a further request when all of out() is written. Known when finished().
  bool keeps_connection() const { return keep_alive_; }
  bool cut_short() const { return cut_short_; }

  outbox& out() { return out_; }

 private:
  result<void> check(const log_slice& slice) const;
  void write_head(body_end end, std::uint64_t length);
  outbox passed(const log_slice& slice);
  void write_part(outbox part, bool last);
  std::string ending() const;

  stream_plan plan_;
  outbox out_;
  seq_t cursor_ = 0;
  seq_t end_ = 0;
  std::string last_id_;  // of the event at cursor_, kept only beside a filter
  bool chunked_ = false;
  bool keep_alive_ = false;
  bool finished_ = false;
  bool cut_short_ = false;
};

}  // namespace sandbase
