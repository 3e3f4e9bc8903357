// SPDX-License-Identifier: Apache-2.0
// The owner of an append_pipeline in tests: a log in memory, readers and a journal that answer when a test
// says so.
#pragma once

#include "actors/session/append_pipeline.hpp"

#include <map>
#include <string>
#include <vector>

namespace sandbase::test {

class append_desk : private append_log {
 public:
  append_desk() {
    durable_progress_.tip.last_id = progress_.tip.last_id = "0";
    pipeline_.claimed(progress_);
  }

  /// Carries out one line of a script. @returns what came of it, parts separated by ", "
  ///
  ///   begin A [two|none|unfit] [text=…] [id=…] [says=LETTERS] [key=…] [author=…] [last=SEQ] [retry]
  ///         [open|gone]  an append: of two events, of none, of what cannot be stored; with the log's
  ///                     expected end; of a client that can be asked whether it has taken the answer, or
  ///                     that has hung up
  ///   A key new|SEQ|kept  its look-ups are answered. With `was` in front: the one before that; with
  ///   A ids new|SEQ     `held`: the session does not own its log just now
  ///   A told open|taken|lost
  ///   A same SEQ|other|lost
  ///   A takes|loses     its client, for good
  ///   wait SECONDS      time passes
  ///   look              receipts are asked again
  ///   restart           another pipeline takes over the durable log
  ///   change            the session hands over a change without events
  ///   commit fail claim gone
  ///   suspend           nobody knows what became of the commits in flight
  ///   claim N           the first N of them were stored
  ///   deny              the claim fails
  ///   seal              nothing stays in memory
  ///   close             the session takes nothing from now on
  ///   empty             whether nobody is left
  std::string happen(const std::string& line);

 private:
  struct stored {
    std::string text;
    std::string id;
  };

  void begin(const std::vector<std::string>& words);
  void answer(const std::vector<std::string>& words, const append_action& asked);
  void drive();
  void carry_out(const append_action& action);
  void store(const pipelined_append_ptr& a);
  void keep_key(const pipelined_append_ptr& a);
  void say(const pipelined_append_ptr& a, const std::string& what);

  const session_progress& pending() const override { return progress_; }
  seq_t durable_end() const override { return durable_; }
  timestamp now() const override { return timestamp{now_}; }
  try_book::time_point steady_now() const override { return try_book::time_point{now_}; }
  bool shows_id(std::string_view id) const override;
  located locate(const std::vector<event_draft>& drafts, seq_t first, seq_t last) const override;

  /// Nobody asks it: a test says what it tells.
  struct mute_source final : receipt::source {
    receipt::state look() override { return receipt::state::open; }
  };

  mute_source source_;
  std::chrono::milliseconds now_{1'000'000};
  append_pipeline pipeline_;
  std::vector<stored> log_;
  session_progress progress_;
  /// As of the oldest commit in flight.
  session_progress durable_progress_;
  std::vector<session_progress> in_flight_;
  seq_t durable_ = 0;
  std::vector<pipelined_append_ptr> suspended_;
  /// Events before it are not in memory.
  seq_t held_from_ = 1;
  bool is_closed_ = false;
  bool owns_log_ = true;
  std::map<std::string, pipelined_append_ptr> appends_;
  std::map<std::string, receipt_ptr> receipts_;
  std::map<std::string, std::vector<append_action>> asked_;
  std::string seen_;
};

}  // namespace sandbase::test
