// SPDX-License-Identifier: Apache-2.0
// Which io threads follow a session, and how far behind each is with what was published. Plain data structure
// of the session actor; sending is its owner's.
#pragma once

#include "actors/messages/all.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace sandbase {

class followers {
 public:
  bool empty() const { return threads_.empty(); }
  std::size_t streams() const;

  /// One more stream of that thread.
  void add(const fan_out_actor& thread);
  /// One less. Unknown threads are ignored: a stream may leave that followed an earlier incarnation.
  void remove(const fan_out_actor& thread);

  /// Calls send(thread) for each that has room for one more message; the others have missed something. Where
  /// the message `continues` the one before it, threads that got that get it too: they find room together.
  template <class F>
  void publish(F&& send, bool continues = false) {
    for (auto& t : threads_) {
      if (continues ? !t.missed : t.unacknowledged < max_unacknowledged) {
        ++t.unacknowledged;
        send(t.handle);
      } else {
        t.missed = true;
      }
    }
  }
  /// Calls send(thread, gap) for each that has room; the others go without,
  /// and hear of the gap the next time.
  template <class F>
  void offer(F&& send) {
    for (auto& t : threads_) {
      if (t.unacknowledged_previews >= max_unacknowledged_previews) {
        t.gap = true;
        continue;
      }
      ++t.unacknowledged_previews;
      send(t.handle, std::exchange(t.gap, false));
    }
  }
  /// Previews were dropped before they could be offered.
  void lose_previews() {
    for (auto& t : threads_) t.gap = true;
  }
  /// Calls send(thread) for each, whatever is unacknowledged: nothing follows.
  template <class F>
  void publish_last(F&& send) {
    for (auto& t : threads_) send(t.handle);
  }
  /// @returns whether the thread must now be told where the log ends,
  /// because it missed something; that counts as sent
  bool acknowledged(const fan_out_actor& thread);
  /// What was sent by offer().
  void previews_acknowledged(const fan_out_actor& thread);

 private:
  struct thread_state {
    fan_out_actor handle;
    std::size_t streams = 0;
    int unacknowledged = 0;
    int unacknowledged_previews = 0;
    bool missed = false;
    /// Previews were dropped.
    bool gap = false;
  };
  std::vector<thread_state>::iterator find(const fan_out_actor& thread);

  /// One an io thread at most.
  std::vector<thread_state> threads_;
};

}  // namespace sandbase
