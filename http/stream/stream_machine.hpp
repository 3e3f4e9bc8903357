// SPDX-License-Identifier: Apache-2.0
// What a stream does next, without actors, timers and sockets: its owner tells what has happened, and carries
// out the one action that comes of it.
//
//   begin() ─► finding ─► waiting_for_room ─► asking ─► writing ─┬─► finding, waiting_for_room, asking
// (behind)
//                 ▲                                        ▲     ├─► live ──┐
//                 └───────── moved(), session_down() ──────┼─────┤          │
//                                                          └─────┼──────────┘ published(), previewed(),
// timers
//                                                                ├─► held: its key cannot be looked up
//                                                                ├─► parting: has said why it ends
//                                                                └─► over
#pragma once

#include "http/io/io_outcome.hpp"
#include "http/io/options.hpp"
#include "http/io/publication.hpp"
#include "http/stream/stream_writer.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbase {

/// What the owner is to do. It tells what came of it by the call named beside it.
enum class stream_action : std::uint8_t {
  /// Wait for what happens.
  none,
  /// Leave the session, if there is one, and look for it; or begin to watch: found() or refused().
  find,
  /// Take room for room_wanted() bytes: room().
  take_room,
  /// Ask the session opening(): answered(), refused() or moved(). Who watches a workspace has it listed:
  /// listed() or refused().
  open,
  /// Ask the session next_pull(): the same. Who watches asks the board what is behind watched_to():
  /// changed() or refused().
  pull,
  /// Write out(): wrote().
  write,
  /// Write the chunk of what was just published: wrote_chunk().
  write_chunk,
  /// Wait until the socket takes more: writable().
  wait_writable,
  /// Leave session and hub, and keep the socket: its end comes with deadline_passed() or client_gone().
  part,
  /// Take part in nothing any more, and tell the connection how it ended.
  finish,
};

/// How a stream ended, for the process's log.
struct stream_end {
  /// Of the response; 0: none was begun.
  int status = 0;
  /// done, error, key_revoked, client_gone, write_timeout, gave_way (to others that needed its room), or what
  /// the client was told: shutdown, max_age, token_expired, moved.
  std::string_view why;
};

/// Where a stream starts.
struct stream_start {
  std::vector<named_id> after;
  /// At the end of the log, if no id is given; or so many events before it.
  bool from_end = false;
  seq_t tail = 0;
  /// As pull_request::log.
  session_key log = 0;
};

/// One stream after another. Answers to questions that nobody waits for any more are the owner's to drop:
/// they do not come with the present question().
class stream_machine {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit stream_machine(const http_options& options) : options_(options) {}

  // --- what happens -------------------------------------------------------------------------

  /// `expires_at`: of what the client was let in with.
  stream_action begin(stream_start start, std::unique_ptr<stream_writer> writer, time_point expires_at,
                      time_point now);
  stream_action found(time_point now);
  stream_action room(bool taken, time_point now);
  /// Who waits for room may try again.
  stream_action room_was_made(time_point now);
  stream_action answered(const pull_answer& answer, time_point now);
  /// The same, of who watches a workspace.
  stream_action listed(const watch_list& list, time_point now);
  stream_action changed(const board_page& page, time_point now);
  stream_action refused(const failure& why, time_point now);
  /// The session was gone before it took the question.
  stream_action moved(time_point now);
  stream_action wrote(const io_outcome& outcome, time_point now);
  /// @pre published() gave write_chunk
  stream_action wrote_chunk(const publication& p, const io_outcome& outcome, time_point now);
  stream_action writable(time_point now);
  stream_action client_gone(std::string_view why = "client_gone");
  stream_action published(const publication& p, time_point now);
  stream_action previewed(const sandbase::previewed& p, time_point now);
  /// The workspace that is watched has changed up to there.
  stream_action board_moved(change_number number, time_point now);
  stream_action session_down(time_point now);
  stream_action key_revoked(time_point now);
  /// The key cannot be looked up: nothing is to be shown until key_known(), or store_lost() after long.
  stream_action key_unknown(time_point now);
  stream_action key_known(time_point now);
  stream_action store_lost(time_point now);
  /// The server shuts down.
  stream_action drain(time_point now);
  /// Others need the room of a client that takes nothing.
  void let_go();
  stream_action deadline_passed(time_point now);
  /// The connection has gone: nothing is to be told.
  void stop();

  // --- what the owner has to know ---------------------------------------------------------------

  bool is_idle() const { return state_ == state::idle; }
  /// When deadline_passed() is due.
  time_point deadline() const { return deadline_; }
  /// Tells the answer that is waited for from late ones.
  std::uint64_t question() const { return question_; }
  std::size_t room_wanted() const { return room_wanted_; }
  bool waits_for_room() const { return state_ == state::waiting_for_room; }
  /// Bytes in memory for the client, for which room is to be kept.
  std::size_t holds() const;
  /// Since when the client takes nothing; nothing while it does.
  const std::optional<time_point>& stalled_since() const { return stalled_since_; }
  /// For `open`, but for the follower.
  open_request opening() const;
  pull_request next_pull() const;
  /// Up to where the client was told of changes.
  change_number watched_to() const { return writer_->cursor(); }
  bool follows() const { return writer_->follows(); }
  bool chunked() const { return writer_->chunked(); }
  outbox& out() { return writer_->out(); }
  /// Something is wrong with the session's answers: for the process's log, once.
  std::optional<failure> take_trouble() { return std::exchange(trouble_, std::nullopt); }

  /// With `finish`. Code none: the response is written as far as it will be; else nothing is.
  const failure& error() const { return error_; }
  bool keeps_connection() const { return keeps_connection_; }
  const stream_end& end() const { return end_; }
  /// Of the response so far; 0: none was begun.
  int status() const { return opened_ ? writer_->status() : 0; }

 private:
  enum class state : std::uint8_t { idle, finding, waiting_for_room, asking, writing, live, held, parting };

  void enter(state next, time_point deadline);
  stream_action find(time_point now);
  stream_action ask(time_point now);
  stream_action took(std::size_t bytes);
  stream_action write();
  stream_action blocked(bool progress, time_point now);
  stream_action go_on(time_point now);
  stream_action rest(state in, time_point now);
  /// Why the stream has to end by now; empty: it has not.
  std::string_view due_end(time_point now) const;
  stream_action close_with(std::string_view reason);
  stream_action fail(const failure& why);
  stream_action finish(failure error, bool keeps_connection);
  /// Of several reasons to end the first counts.
  void ends_for(std::string_view why) {
    if (end_.why.empty()) end_.why = why;
  }
  stream_action beat();
  bool is_heartbeat_due(time_point now) const { return now >= sent_at_ + options_.stream_heartbeat; }
  bool is_over() const { return state_ == state::idle || state_ == state::parting; }
  bool is_waiting() const { return state_ == state::writing && waiting_; }

  const http_options& options_;
  std::unique_ptr<stream_writer> writer_;
  stream_start start_;
  state state_ = state::idle;
  time_point deadline_ = time_point::max();
  std::uint64_t question_ = 0;

  // the session
  /// Whose log is shown; 0: not known yet.
  session_key log_ = 0;
  bool has_session_ = false;
  /// It counts this stream.
  bool following_ = false;
  bool opened_ = false;
  bool reopening_ = false;
  int tries_ = 0;
  /// The log is known to go at least so far.
  seq_t nudged_ = 0;
  log_state ends_as_ = log_state::open;
  std::shared_ptr<const std::string> farewell_;
  bool draining_ = false;
  bool key_is_unknown_ = false;
  bool store_is_lost_ = false;
  time_point rotate_at_ = time_point::max();
  time_point expires_at_ = time_point::max();

  // the socket
  std::size_t room_wanted_ = 0;
  /// Bytes that the last slice kept: the next may be like it.
  std::size_t last_held_ = 0;
  /// Of those, what is still kept.
  std::size_t held_ = 0;
  /// For the socket to take more.
  bool waiting_ = false;
  std::optional<time_point> stalled_since_;
  /// Keeps no more than it must.
  bool lean_ = false;
  /// Since when it waits for room; nothing while it does not.
  std::optional<time_point> short_since_;
  /// On a socket that takes nothing.
  time_point give_up_at_{};
  /// When the socket took something.
  time_point sent_at_{};

  std::optional<failure> trouble_;
  failure error_;
  stream_end end_;
  bool keeps_connection_ = false;
};

}  // namespace sandbase
