// SPDX-License-Identifier: Apache-2.0
// The room in bytes_out of one answer.
//
// How to use it: derive from answer_room; lease what is in memory for the client before it is there with
// take_room() (or, if it is there already, with keep_room()); call client_stalls() when the socket takes
// nothing (or no more) and client_takes() when it does again; give_room_back() when all is written. Override
// cut_off() to end the answer, which gives its room back; let_go(), if a part can be dropped and made again;
// room_was_made(), if the answer waits for room at all.
#pragma once

#include "http/io/io_shard.hpp"

#include <cstddef>

namespace sandbase {

/// Base of an answer's writer; belongs to its io thread.
class answer_room : private room_user {
 protected:
  explicit answer_room(io_shard& shard) : shard_(shard) {}
  ~answer_room() = default;

  /// @returns whether there is room for `bytes`; if not, this waits in line: room_was_made() is called when
  /// there may be some, and asking again after a tick finds what other threads give back
  bool take_room(std::size_t bytes) {
    const auto n = static_cast<std::int64_t>(bytes);
    if (!shard_.room.take(*this, n)) return false;
    lease_ = byte_lease{shard_.shared.bytes_out, n};
    return true;
  }
  /// It turned out to be `bytes`, whether there is room for more or not.
  void keep_room(std::size_t bytes) {
    const auto n = static_cast<std::int64_t>(bytes);
    if (n > lease_.bytes()) {
      shard_.shared.bytes_out.take(n - lease_.bytes());
      return lease_.grow(shard_.shared.bytes_out, n - lease_.bytes());
    }
    if (n == 0) return give_room_back();
    lease_.shrink(n);
    shard_.room.made_room();
  }
  void give_room_back() {
    if (lease_.bytes() == 0) return;
    lease_.reset();
    shard_.room.made_room();
  }
  std::size_t room() const { return static_cast<std::size_t>(lease_.bytes()); }
  void stop_waiting_for_room() { shard_.room.forget(*this); }
  /// Lets who waits behind this try: it does not need what was made.
  void pass_room_on() { shard_.room.made_room(); }

  /// The client takes nothing since `since`.
  void client_stalls(io_thread::clock::time_point since) {
    if (!stalled_hook::is_linked() || stalled_since != since) shard_.room.stalls(*this, since);
  }
  void client_takes() { stalled_hook::unlink(); }

  void room_was_made() override {}
  void let_go() override {}

  io_shard& shard_;

 private:
  byte_lease lease_;
};

}  // namespace sandbase
