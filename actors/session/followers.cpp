// SPDX-License-Identifier: Apache-2.0
#include "actors/session/followers.hpp"

#include <algorithm>

namespace sandbase {

std::vector<followers::thread_state>::iterator followers::find(const fan_out_actor& thread) {
  return std::find_if(threads_.begin(), threads_.end(),
                      [&](const thread_state& t) { return t.handle == thread; });
}

std::size_t followers::streams() const {
  std::size_t n = 0;
  for (const auto& t : threads_) n += t.streams;
  return n;
}

void followers::add(const fan_out_actor& thread) {
  auto i = find(thread);
  if (i == threads_.end()) i = threads_.insert(i, thread_state{thread});
  ++i->streams;
}

void followers::remove(const fan_out_actor& thread) {
  const auto i = find(thread);
  if (i != threads_.end() && --i->streams == 0) threads_.erase(i);
}

bool followers::acknowledged(const fan_out_actor& thread) {
  const auto i = find(thread);
  if (i == threads_.end()) return false;
  if (i->unacknowledged > 0) --i->unacknowledged;
  if (!i->missed || i->unacknowledged >= max_unacknowledged) return false;
  i->missed = false;
  ++i->unacknowledged;
  return true;
}

void followers::previews_acknowledged(const fan_out_actor& thread) {
  const auto i = find(thread);
  if (i != threads_.end() && i->unacknowledged_previews > 0) --i->unacknowledged_previews;
}

}  // namespace sandbase
