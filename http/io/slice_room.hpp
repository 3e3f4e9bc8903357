// Room in bytes_out for the one slice that a stream asks for or writes.
#pragma once

#include "http/io/io_shard.hpp"

#include <cstddef>

namespace sandbase {

/// Base of a stream; belongs to its io thread. While it waits for room, room_was_made() is called when there
/// may be some; what other threads give back is found by asking again after a tick.
class slice_room : protected room_waiter {
 protected:
  explicit slice_room(io_shard& worker) : worker_(worker) {}
  ~slice_room() = default;

  /// @returns whether there is room for `bytes`; if not, this waits in line for it
  bool take_room(std::size_t bytes) {
    const auto n = static_cast<std::int64_t>(bytes);
    if (!worker_.shared.bytes_out.try_take(n)) {
      if (!room_waiter::is_linked()) worker_.waiting_for_room.push_back(*this);
      worker_.make_room();
      return false;
    }
    room_waiter::unlink();
    lease_ = byte_lease{worker_.shared.bytes_out, n};
    return true;
  }
  /// The slice turned out to need `bytes`.
  void keep_room(std::size_t bytes) {
    const auto n = static_cast<std::int64_t>(bytes);
    if (n > lease_.bytes()) {
      worker_.shared.bytes_out.take(n - lease_.bytes());
      return lease_.grow(worker_.shared.bytes_out, n - lease_.bytes());
    }
    lease_.shrink(n);
    worker_.made_room();
  }
  /// Whether so much of the room is taken that nobody should keep what he does not need now.
  bool room_is_short() const {
    return worker_.shared.bytes_out.used() > worker_.shared.bytes_out.limit() / 4;
  }
  /// The slice is written, or will never be.
  void give_room_back() {
    if (lease_.bytes() == 0) return;
    lease_.reset();
    worker_.made_room();
  }
  void stop_waiting_for_room() { room_waiter::unlink(); }

  io_shard& worker_;

 private:
  byte_lease lease_;
};

}  // namespace sandbase
