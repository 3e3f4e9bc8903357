// SPDX-License-Identifier: Apache-2.0
// Reads Server-Sent Events out of bytes, as the WHATWG's HTML standard says (section 9.2.6), without I/O.
#pragma once

#include "events/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// What stands between two empty lines, comments left out.
struct sse_frame {
  /// Empty: none was named.
  std::string event;
  /// Lines of data with a line feed between them; nothing: it has no such line.
  std::optional<std::string> data;
  /// The cursor, if the frame has one.
  std::optional<std::string> id;
  std::optional<std::chrono::milliseconds> retry;
};

class sse_reader {
 public:
  /// A frame with more bytes is refused: it could not be held.
  static constexpr std::size_t max_frame_bytes = std::size_t{256} * 1024 * 1024;

  /// Appends to `frames` those that are complete by now. What has no empty line behind it yet is kept for the
  /// next call, and lost with the reader: a connection that breaks there has not sent it.
  result<void> feed(std::string_view bytes, std::vector<sse_frame>& frames);

 private:
  void take_line(std::string_view line, std::vector<sse_frame>& frames);
  void take_field(std::string_view name, std::string_view value);

  std::string line_;
  sse_frame frame_;
  bool is_filled_ = false;
  bool is_begun_ = false;
  /// The last byte was a carriage return, which a line feed may belong to.
  bool after_return_ = false;
};

}  // namespace sandbase
