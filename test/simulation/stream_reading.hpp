// SPDX-License-Identifier: Apache-2.0
// What replays and followed streams have in common: where they start,
// and that their frames are one piece of the log, in order.
#pragma once

#include "test/simulation/frames.hpp"
#include "test/simulation/task.hpp"

namespace sandbase::sim {

class stream_reading : public task {
 public:
  stream_reading(context& run, model& facts, const caller& who, session_facts& s);

  void part(reply& r) override;

 protected:
  /// A frame that is not one of the log's events. The base class knows `[DONE]` and errors.
  virtual void other_frame(const sse_frame& frame) = 0;
  virtual void done_frame() = 0;
  /// An event was shown, at cursor() if the stream is not filtered.
  virtual void event_shown(const sse_frame&) {}

  /// Begins a stream at a place that chance chooses. @returns path and headers
  http_request start_anywhere(std::string query);
  /// Begins a stream behind an event that was shown; none: at the log's start.
  http_request start_behind(seq_t seq, std::string query);
  /// Goes on behind the last event that it saw, which is lost: that is to be refused.
  http_request go_on_behind_what_is_lost(const std::string& query);
  void begin_stream();
  /// Of a stream that has ended: is it allowed to, as it did?
  void check_end();
  void claim_shown(seq_t end_min);
  /// Acknowledged when it was begun; 0 if some of that may be lost.
  seq_t acked() const { return has_failed_over() ? 0 : acked_; }
  /// Of the event that it stands behind, as it knows it.
  std::string cursor_id() const;
  /// Refused, because an event that it named is lost.
  bool is_refused_for_good(const reply& r) const;

  bool filtered() const { return !only_type_.empty(); }
  void use_filter(std::string type) { only_type_ = std::move(type); }

  session_facts& session_;
  bool knows_cursor_ = true;
  seq_t cursor_ = 0;
  std::string last_id_;
  bool done_ = false;
  bool error_ = false;
  /// It began behind a Last-Event-ID.
  bool from_header_ = false;
  /// It asks as an EventSource does.
  bool event_source_ = false;
  /// An event was shown.
  bool any_shown_ = false;

 private:
  void take(const sse_frame& frame);
  void take_event(const sse_frame& frame);
  void take_progress(const sse_frame& frame);

  sse_reader frames_;
  std::string only_type_;
  seq_t start_ = 0;
  /// When the stream began.
  seq_t acked_ = 0;
  /// Ids that the request named.
  std::vector<std::string> named_;
  /// Ids, if filtered.
  std::vector<std::string> shown_;
};

}  // namespace sandbase::sim
