// SPDX-License-Identifier: Apache-2.0
// The bytes of one stream, without actors and sockets: what to ask the session for next, and what its answers
// make on the wire. A replay and a followed stream are written by different writers behind this interface.
#pragma once

#include "actors/messages/all.hpp"
#include "http/wire/outbox.hpp"
#include "http/wire/stream_wire.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbase {

struct watch_list;

class stream_writer {
 public:
  virtual ~stream_writer() = default;

  // --- what the session answers; who watches a workspace asks none -----------------------------

  /// To the first open_request: writes the head and the first events. On failure nothing is written, and the
  /// client can still be told in the ordinary way.
  virtual result<void> opened(const pull_answer&) { return {}; }
  /// To the open_request of a session that had to be found again: goes on behind the cursor.
  /// @pre follows()
  virtual void reopened(const pull_answer&) {}
  /// To next_pull().
  virtual void pulled(const pull_answer&) {}
  /// @pre opened() was successful, !finished()
  virtual pull_request next_pull() const { return {}; }
  /// The id that a client gave as its only starting point: that of the cursor, if there is one.
  void begin_behind(std::string id) { cursor_id_ = std::move(id); }

  // --- what the board answers, to who watches a workspace ---------------------------------------

  /// What it begins with: writes the head and the list.
  virtual void listed(const watch_list&) {}
  /// Changes behind the cursor. @pre listed()
  virtual void changed(const board_page&) {}

  // --- what any stream is told -------------------------------------------------------------------

  /// Bytes of frames that one question asks for.
  virtual std::size_t slice_bytes() const = 0;
  /// No further answer will come: an error frame, and the end. @pre opened() was successful (or
  /// listed()), !finished()
  virtual void failed(const failure& why);
  /// Ends without `[DONE]`: `reason` as in the API, `retry` for the client's next try. A replay shows nothing
  /// but its events, and only ends; SDKs are told by an error frame in any case. @pre as above
  virtual void closing(std::string_view reason, std::chrono::milliseconds retry);
  /// Nothing was sent for a while. @pre as above, and nothing is in out()
  virtual void heartbeat();

  // --- what goes on behind the log's end; a replay never gets there ----------------------------

  virtual bool follows() const { return false; }
  /// Whether the cursor is where the session is: published() counts.
  virtual bool is_live() const { return false; }
  /// New events. @returns whether they were taken; else they, or others before them, have to be pulled
  virtual bool published(const log_slice&) { return false; }
  /// As published(), for events whose frames the caller writes itself, in one piece. @returns whether it may
  virtual bool passes_whole(const log_slice&, seq_t /*turn_end*/) const { return false; }
  virtual void passed_whole(const log_slice&) {}
  /// The log cannot grow any more. @pre the cursor is at its end
  virtual void ended() {}
  /// The session was deleted. @pre the cursor is at the log's end
  virtual void deleted(std::string_view /*farewell*/) {}
  /// A preview, if this client asked for its kind and saw its start.
  virtual void previewed(const preview&, seq_t /*log_end*/) {}
  /// One could not be written: what would follow of it makes no sense any more.
  virtual void missed_preview(const preview&) {}
  /// Some never came.
  virtual void missed_previews() {}

  // --- how far it is -------------------------------------------------------------------------

  outbox& out() { return out_; }
  /// Whether everything up to the end of the response is in out() (or gone from it).
  bool finished() const { return finished_; }
  /// Whether the connection can carry a further request when all of out() is written. Known when finished().
  bool keeps_connection() const { return keep_alive_; }
  bool chunked() const { return chunked_; }
  /// Of the response. @pre opened() was successful
  int status() const { return told_to_stop_ ? 204 : 200; }
  /// It ends without `[DONE]`: also without the last chunk, so that nobody takes it for the whole.
  bool cut_short() const { return cut_short_; }
  /// @pre failed(), or an answer that failed it
  const failure& why_failed() const { return why_failed_; }
  /// Last event that the client was shown or that the filter kept back.
  seq_t cursor() const { return cursor_; }
  /// Of the event at the cursor; empty at the start of a log, or if it is not known.
  const std::string& cursor_id() const { return cursor_id_; }

  /// The client takes nothing: keeps no more than the run of frames that is begun, and moves the cursor back
  /// to its end. What is dropped will be pulled again.
  void shed();

 protected:
  explicit stream_writer(stream_plan plan) : plan_(std::move(plan)) {}
  stream_writer(const stream_writer&) = default;
  stream_writer(stream_writer&&) = default;
  stream_writer& operator=(const stream_writer&) = default;
  stream_writer& operator=(stream_writer&&) = default;

  /// From here on shed() may drop what is added.
  void begin_step() { runs_.clear(); }
  void add(std::string_view text) { part_.add(text); }
  /// Not copied, if it is long: `bytes` lie in `owner`.
  void add_shared(std::string_view bytes, std::shared_ptr<const void> owner) {
    part_.add(bytes, std::move(owner));
  }
  /// The frames of these events that pass; moves the cursor behind them. What comes together to `run_bytes`
  /// is a run: one chunk, if the response is chunked.
  void add_events(const block_span& events, std::size_t run_bytes);
  /// The same for events whose bytes were added in another form than frames.
  void added(const block_span& events, std::size_t run_bytes);
  /// Bytes in out() and what was added behind them.
  std::size_t made() const { return out_.bytes() + part_.bytes(); }
  /// Moves what was added to out(), as one chunk; `last`: the response ends with it.
  void write(bool last);
  void move_to(const log_block& block, seq_t seq);
  bool is_kept_back(const log_block& block, seq_t seq) const {
    return plan_.filter.active() && !plan_.filter.passes(block, seq);
  }
  /// shed() has moved the cursor back.
  virtual void went_back() {}
  /// Where the response starts. @returns whether the client is told to stop instead
  bool begin_at(const pull_answer& first, bool over);
  /// The end: `[DONE]`, behind the id of the cursor if the client was not told it.
  void add_done();
  /// The client was told the id at the cursor.
  void told_id() {
    progress_due_ = false;
    any_id_told_ = true;
  }
  /// Whether a finished response can be begun again from its cursor.
  virtual bool can_reopen_end() const { return false; }
  /// Puts the head, which tells its length, in front of a body that is there as a whole.
  void prepend(std::string head);
  /// Ends here, and the connection with it.
  void cut();

  stream_plan plan_;
  outbox out_;
  seq_t cursor_ = 0;
  std::string cursor_id_;
  bool chunked_ = false;
  /// Content-Length was told.
  bool by_length_ = false;
  /// Of that length, what shed() has dropped and is still to come.
  std::size_t owed_ = 0;
  bool keep_alive_ = false;
  bool finished_ = false;
  bool cut_short_ = false;

 private:
  /// Frames in out_ that go together.
  struct run {
    /// Bytes from the start of out_, as it was when it was filled.
    std::size_t end;
    log_block_ptr block;
    seq_t last;
  };

  void add_progress();

  /// The client was answered that it need not come again.
  bool told_to_stop_ = false;
  /// The filter kept back what stands at the cursor, and the client was not told.
  bool progress_due_ = false;
  bool any_id_told_ = false;
  failure why_failed_;
  outbox part_;
  std::vector<run> runs_;
  /// Bytes of out_ when it was last added to.
  std::size_t filled_ = 0;
};

}  // namespace sandbase
