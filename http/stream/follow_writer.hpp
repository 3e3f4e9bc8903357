// The protocol of a followed stream, without actors and sockets:
// history, then what happens next, until an end.
//
//   opened() ──► [204] ──► finished
//      │
//      ├──► behind ──next_pull(), pulled()──► live ──published(), previewed(), heartbeat()──┐
//      │       ▲                               └──────────── more than was published ───────┤
//      │       └────────────────────────────────────────────────────────────────────────────┘
//      └──► [terminated, archived, deleted, the idle waited for: `[DONE]`; else closing() or failed()]
//             └──► finished
#pragma once

#include "actors/messages.hpp"
#include "http/wire/outbox.hpp"
#include "http/wire/stream_wire.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// What a client asked of a followed stream.
struct follow_plan {
  stream_plan wire;
  bool until_idle = false;
  /// Came with the header Last-Event-ID: a client that reconnects by itself and must be told when to stop.
  bool reconnects = false;
  /// event_deltas: agent.message.
  bool message_previews = false;
  /// event_deltas: agent.thinking.
  bool thinking_previews = false;
};

/// Bytes of frames that one pull of a followed stream asks for.
inline constexpr std::size_t follow_slice_bytes = 64 * 1024;
/// Bytes of frames that make one chunk, or one frame if that is longer:
/// what a stream keeps for a client that takes nothing.
inline constexpr std::size_t follow_run_bytes = 8 * 1024;

class follow_writer {
 public:
  explicit follow_writer(follow_plan plan) : plan_(std::move(plan)) {}

  /// The session's answer to open_request with `tell_cursor`. On failure nothing is written, and the client
  /// can still be told in the ordinary way.
  result<void> opened(const pull_answer& first);
  /// The answer to open_request when the session had to be found again: goes on behind the cursor.
  void reopened(const pull_answer& first);
  void pulled(const pull_answer& next);

  /// New events. @returns whether they were taken; else they, or others before them, have to be pulled
  bool published(const log_slice& slice);
  /// As published(), for events whose frames the caller writes itself, in one piece. @returns whether it may
  bool passes_whole(const log_slice& slice, seq_t turn_end) const;
  void passed_whole(const log_slice& slice);
  /// The log cannot grow any more. @pre the cursor is at its end
  void ended();
  /// The session was deleted. @pre the cursor is at the log's end
  void deleted(std::string_view farewell);
  /// A preview, if this client asked for its kind and saw its start.
  void previewed(const preview& p, seq_t log_end);
  /// One could not be written: what would follow of it makes no sense any more.
  void missed_preview(const preview& p);
  /// Some never came.
  void missed_previews();
  /// Nothing has happened for a while.
  void heartbeat();
  /// Ends without `[DONE]`: `reason` as in the API, `retry` for the client's next try.
  void closing(std::string_view reason, std::chrono::milliseconds retry);
  /// Ends with an error frame.
  void failed(const failure& why);

  bool is_live() const { return live_; }
  bool finished() const { return finished_; }
  bool keeps_connection() const { return keep_alive_; }
  bool chunked() const { return chunked_; }
  seq_t cursor() const { return cursor_; }
  /// Of the event at the cursor; empty at the start of a log.
  const std::string& cursor_id() const { return cursor_id_; }
  pull_request next_pull() const;

  outbox& out() { return out_; }
  /// The client takes nothing: keeps only the chunk that is begun, as a copy, and moves the cursor back to
  /// its end. What is dropped will be pulled again.
  void shed();

 private:
  /// A run of frames in out_ that makes one chunk.
  struct run {
    /// Bytes from the start of out_, as it was when it was filled.
    std::size_t end;
    log_block_ptr block;
    seq_t last;
  };

  void take(const log_slice& slice);
  void take_run(const block_span& events);
  void settle(const pull_answer& answer);
  bool ends_stream(const log_block& block, seq_t seq) const;
  void move_to(const log_block& block, seq_t seq);
  void add(std::string_view text) { part_.add(text); }
  void write(bool last);
  void done();
  std::string progress();

  follow_plan plan_;
  outbox out_;
  outbox part_;  // of the step at hand
  std::vector<run> runs_;
  std::size_t filled_ = 0;  // bytes of out_ when it was last added to
  seq_t cursor_ = 0;
  std::string cursor_id_;
  bool progress_due_ = false;  // the filter kept back what stands at the cursor
  std::vector<std::string> open_previews_;
  bool live_ = false;
  bool caught_up_ = false;
  bool just_caught_up_ = false;  // the ping that says so is in out_
  bool chunked_ = false;
  bool keep_alive_ = false;
  bool finished_ = false;
};

}  // namespace sandbase
