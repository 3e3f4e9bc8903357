// SPDX-License-Identifier: Apache-2.0
// Lines out of bytes that come in pieces, with their numbers. A byte order mark in front of the first is
// passed over.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

struct text_line {
  /// Without its line end; valid until the next call.
  std::string_view text;
  /// Counted from 1.
  std::size_t number = 0;
  /// Longer than lines may be: what there was of it is dropped.
  bool too_long = false;
};

/// Holds what was fed and not yet given, and of a line that is still to end at most its bound.
class line_splitter {
 public:
  /// `max_line`: bytes, without the line end.
  explicit line_splitter(std::size_t max_line) : max_line_(max_line) {}

  /// The next bytes.
  void feed(std::string_view bytes);
  /// No more will come: what there is behind the last line end is a line too.
  void end() noexcept { ended_ = true; }
  bool has_ended() const noexcept { return ended_; }

  /// The next line that is not blank; empty: more has to be fed first, or, behind end(), there is none.
  std::optional<text_line> next();

  /// Of the last line that was given.
  std::size_t number() const noexcept { return number_; }
  /// Bytes in memory.
  std::size_t buffered() const noexcept { return buffer_.size() - begin_; }

 private:
  std::size_t max_line_;
  std::string buffer_;
  /// Of the next line in buffer_.
  std::size_t begin_ = 0;
  /// Up to here there is no line end behind begin_.
  std::size_t searched_ = 0;
  /// Of the last line.
  std::size_t number_ = 0;
  /// Of the line that begins at begin_ a part was dropped.
  bool dropping_ = false;
  bool ended_ = false;
};

}  // namespace sandbase
