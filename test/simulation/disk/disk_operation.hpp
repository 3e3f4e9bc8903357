// SPDX-License-Identifier: Apache-2.0
// What programs ask of a disk, and what it may answer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sandbase::sim {

enum class disk_request : std::uint8_t { read, write, sync, truncate, remove };
inline constexpr std::size_t disk_request_kinds = 5;

/// One call. Opening, asking for a size and locking are not counted among them: nothing reaches the disk.
struct disk_operation {
  disk_request kind{};
  /// Empty: a temporary file without a name.
  std::string_view path;
  std::uint64_t offset = 0;
  /// Bytes; truncate: 0, the new size is `offset`.
  std::size_t size = 0;
  /// How many of its kind were asked for before it.
  std::uint64_t number = 0;
};

enum class disk_fault : std::uint8_t {
  none,
  /// EIO; a sync that fails so drops what it could not write, as Linux does.
  io_error,
  /// ENOSPC; a read fails with EIO instead.
  full,
  /// A part of the bytes is written, then ENOSPC; other calls fail with EIO.
  short_write,
  /// A sync is said to be done, and is not; other calls are.
  lie,
};

/// How often each kind was asked for.
class disk_counts {
 public:
  std::uint64_t operator[](disk_request kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  /// @returns the count before this one
  std::uint64_t add(disk_request kind) { return counts_[static_cast<std::size_t>(kind)]++; }

 private:
  std::array<std::uint64_t, disk_request_kinds> counts_{};
};

}  // namespace sandbase::sim
