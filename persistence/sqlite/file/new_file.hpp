// SPDX-License-Identifier: Apache-2.0
// A file that appears under its name only when it is whole and durable.
#pragma once

#include <filesystem>
#include <string>

namespace sandbase::sqlite {

/// Written as `NAME.partial` in the same folder, which is locked while this lives: what a process that died
/// left there is taken over, what a living one writes is not touched. Removed again unless published.
class new_file {
 public:
  /// Throws `conflict` if `target` exists or somebody else is making it,
  /// `invalid` if it cannot be made there.
  explicit new_file(std::filesystem::path target);
  new_file(const new_file&) = delete;
  new_file& operator=(const new_file&) = delete;
  ~new_file();

  /// Where to write: an empty file at first.
  const std::string& partial() const { return partial_; }

  /// Makes the content durable and gives it its name. Throws `conflict` if that is taken by now, `io_failed`
  /// or `unavailable` if the disk refuses. @pre nothing else has the file open
  void publish();

 private:
  void take_partial();
  void rename_to_target();

  std::filesystem::path target_;
  std::string partial_;
  int fd_ = -1;
  bool published_ = false;
};

}  // namespace sandbase::sqlite
