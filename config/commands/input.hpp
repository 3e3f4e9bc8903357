// SPDX-License-Identifier: Apache-2.0
// A file or stdin, read piece by piece.
#pragma once

#include "events/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

class input {
 public:
  /// `path`: `-` is stdin. `invalid` if it cannot be opened.
  static result<input> open(const std::string& path);

  /// Whether read() would not wait; waits for that so long at most.
  bool is_ready_within(std::chrono::milliseconds patience) const;
  /// What comes next, as far as it is there, valid until the next call; empty at the end. `io_failed` naming
  /// the file.
  result<std::string_view> read();

  /// As messages name it.
  const std::string& name() const noexcept { return name_; }
  std::uint64_t bytes_read() const noexcept { return bytes_read_; }
  /// Of a regular file.
  std::optional<std::uint64_t> total_bytes() const noexcept { return total_; }

 private:
  struct close_file {
    void operator()(std::FILE* file) const {
      if (file != stdin) std::fclose(file);
    }
  };

  input(std::FILE* file, std::string name);

  std::unique_ptr<std::FILE, close_file> file_;
  std::string name_;
  std::optional<std::uint64_t> total_;
  std::string buffer_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace sandbase
