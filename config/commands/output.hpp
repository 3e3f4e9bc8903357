// SPDX-License-Identifier: Apache-2.0
// Output that notices when it cannot be written: a full disk, a pipe that nobody reads any more.
#pragma once

#include "events/base/result.hpp"

#include <cstdio>
#include <string>
#include <string_view>

namespace sandbase {

/// Buffered output to a file or stdout. Failures are `io_failed`; the one for a closed pipe has no message,
/// because whoever closed it knows. @pre SIGPIPE is ignored
class output {
 public:
  /// A new file can be read by its owner and group only (mode 0640).
  static result<output> to_file(const std::string& path);
  static output to_stdout();

  output(output&& other) noexcept;
  output& operator=(output&&) = delete;
  ~output();

  result<void> write(std::string_view text);
  /// Writes what is buffered.
  result<void> flush();
  /// Writes what is buffered, and closes a file. Nothing may be written afterwards.
  result<void> finish();

 private:
  output(std::FILE* file, std::string name) : file_(file), name_(std::move(name)) {}
  failure last_error() const;

  std::FILE* file_;
  std::string name_;
};

}  // namespace sandbase
