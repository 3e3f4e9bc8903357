// SPDX-License-Identifier: Apache-2.0
// The owner of a stream_machine in tests: a socket that takes what a test lets it, a session that answers
// when a test says so, and a client that looks at every frame.
#pragma once

#include "test/unit/http/support/fakes.hpp"
#include "test/unit/http/support/http_client.hpp"
// The framework's header comes first.
#include "events/log/frame.hpp"
#include "http/stream/follow_writer.hpp"
#include "http/stream/replay_writer.hpp"
#include "http/stream/stream_machine.hpp"

namespace sandbase::test {

class stream_desk {
 public:
  using time_point = stream_machine::time_point;

  // --- the world around ---------------------------------------------------------------------

  fake_log log;
  log_state state = log_state::open;
  /// Bytes that the socket takes yet.
  std::size_t space = unlimited;
  bool has_room = true;
  /// Bytes of frames that the session gives at once.
  std::size_t slice = unlimited;
  http_options options;
  follow_plan plan;
  time_point now{};
  time_point expires_at = time_point::max();
  static constexpr std::size_t unlimited = ~std::size_t{0};

  stream_desk();

  // --- what comes of it -----------------------------------------------------------------------

  stream_machine machine{options};
  /// What the session or the directory is asked just now.
  stream_action asked = stream_action::none;
  bool waits_writable = false;
  bool over = false;
  /// It has said why it ends.
  bool parting = false;
  std::string head;
  /// Everything that the client has got behind it.
  std::string text;

  /// What the client has seen: `1-3` events, `l`ive, `p`review, `h`eartbeat, `i`d, `c`losing, `x` error,
  /// `d`one, `~` within a frame.
  std::string seen() const;

  // --- what happens ----------------------------------------------------------------------------

  void begin(bool follow, stream_start start = {});
  /// The question asked is answered. @returns whether there was one
  bool answer();
  void refuse(const failure& why) {
    asked = stream_action::none;
    carry_out(machine.refused(why, now));
  }
  /// The session dies; a question that it has not taken comes back.
  void die();
  /// It is deleted, and another log gets its id.
  void replace();
  void publish(std::size_t n, std::string_view type = "agent.message");
  void archive() {
    state = log_state::archived;
    tell({0, {}, log.end(), state, nullptr});
  }
  void remove();
  void show_preview(bool start);
  void take_more(std::size_t bytes) {
    space = bytes;
    if (space > 0 && std::exchange(waits_writable, false)) carry_out(machine.writable(now));
  }
  /// Time passes up to the deadline, if there is one.
  bool expire() {
    if (machine.deadline() == time_point::max()) return false;
    pass(machine.deadline() - now);
    return true;
  }
  void pass(std::chrono::steady_clock::duration d) {
    now += d;
    if (machine.deadline() <= now) carry_out(machine.deadline_passed(now));
  }
  /// Answers, room and a free socket for as long as anything comes of it.
  void settle();

  void carry_out(stream_action next);

 private:
  open_request with_slice(open_request r) const {
    r.max_bytes = std::min(slice, r.max_bytes);
    return r;
  }
  pull_answer complete(pull_answer a) const;
  void tell(const published& message);
  io_outcome write_some();
  void take(std::string_view bytes);
  seq_t place_of(std::string_view frame) const;
  static std::string kind_of(std::string_view frame);

  bool head_left_ = true;
  /// What the machine called the question.
  std::uint64_t asked_as_ = 0;
};

}  // namespace sandbase::test
