// SPDX-License-Identifier: Apache-2.0
// Looking for events in a session's segments by their marks, wherever these are kept.
#pragma once

#include "persistence/event_reader.hpp"
#include "persistence/segment_codec.hpp"

#include <functional>

namespace sandbase {

/// One session's segments, one at a time. Failures are thrown (store_error.hpp).
class segment_source {
 public:
  virtual ~segment_source() = default;
  /// The one with this event. Throws `corrupt` if none has it, or its marks are not of its events.
  virtual marked_segment find(seq_t seq) = 0;
  /// The block of the one that was found last.
  virtual log_block_ptr load() = 0;
};

/// As event_reader::search(); events up to `sealed` stand in segments.
search_result search_segments(segment_source& source, const search_range& range, seq_t sealed,
                              const event_selection& what, const std::function<bool()>& enough);

}  // namespace sandbase
