// SPDX-License-Identifier: Apache-2.0
#include "http/io/out_room.hpp"

#include <utility>

namespace sandbase {

out_room::out_room(io_thread& io, server_state& all) : io_(io), all_(all), thread_(all.stalls.join()) {
  io.watch(*this);
  deadline = {};
}

bool out_room::take(room_user& who, std::int64_t bytes) {
  const auto taken = [&] { return all_.bytes_out.try_take(bytes); };
  if (!taken()) {
    if (!who.waiting_hook::is_linked()) waiting_.push_back(who);
    all_.stalls.wanted += bytes - std::exchange(who.room_waited_for, bytes);
    make_room();
    if (!taken()) return false;
  }
  forget(who);
  return true;
}

void out_room::made_room() {
  if (!waiting_.empty()) waiting_.front().room_was_made();
}

void out_room::forget(room_user& who) {
  if (who.waiting_hook::is_linked()) who.waiting_hook::unlink();
  if (who.room_waited_for != 0) all_.stalls.wanted -= std::exchange(who.room_waited_for, 0);
}

void out_room::stalls(room_user& who, io_thread::clock::time_point since) {
  who.stalled_since = since;
  who.stalled_hook::unlink();
  stalled_.push_back(who);
}

void out_room::make_room() {
  for (auto i = stalled_.begin(); i != stalled_.end() && is_short() && !is_patient_with(*i);) {
    auto& s = *i++;
    s.let_go();
  }
  while (is_short() && !stalled_.empty() && !is_patient_with(stalled_.front())) {
    auto& longest = stalled_.front();
    if (!all_.stalls.is_longest(thread_, longest.stalled_since, io_thread::tick)) break;
    stalled_.pop_front();
    longest.cut_off();
  }
}

void out_room::deadline_passed() {
  if (is_short()) make_room();
  all_.stalls.tell(thread_,
                   stalled_.empty() ? io_thread::clock::time_point::max() : stalled_.front().stalled_since);
  deadline = {};
}

}  // namespace sandbase
