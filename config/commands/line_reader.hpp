// SPDX-License-Identifier: Apache-2.0
// Lines of a file or of stdin, one at a time, with their numbers; memory is bounded by the longest line. A
// byte order mark in front of the first is passed over.
#pragma once

#include "events/base/result.hpp"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

struct text_line {
  /// Without its line end; valid until the next call of next().
  std::string_view text;
  /// Counted from 1.
  std::size_t number = 0;
};

class line_reader {
 public:
  /// `path`: `-` is stdin. Lines longer than `max_line` bytes are refused.
  static result<line_reader> open(const std::string& path, std::size_t max_line);

  /// The next line that is not blank; empty at the end. Failure: `too_large`, or `io_failed` naming the file.
  result<std::optional<text_line>> next();

  std::uint64_t bytes_read() const noexcept { return bytes_read_; }
  /// Size of the input, if it is a regular file.
  std::optional<std::uint64_t> total_bytes() const noexcept { return total_; }

 private:
  struct close_file {
    void operator()(std::FILE* file) const {
      if (file != stdin) std::fclose(file);
    }
  };

  line_reader(std::FILE* file, std::string name, std::size_t max_line);
  /// Reads on behind what is buffered. False at the end of the input.
  result<bool> fill();

  std::unique_ptr<std::FILE, close_file> file_;
  std::string name_;
  std::size_t max_line_;
  std::optional<std::uint64_t> total_;

  std::string buffer_;
  /// Of the next line in buffer_.
  std::size_t begin_ = 0;
  std::uint64_t bytes_read_ = 0;
  /// Of the last line.
  std::size_t line_number_ = 0;
};

}  // namespace sandbase
