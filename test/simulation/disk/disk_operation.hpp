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
  std::string_view path;  ///< empty: a temporary file without a name
  std::uint64_t offset = 0;
  std::size_t size = 0;      ///< bytes; truncate: 0, the new size is `offset`
  std::uint64_t number = 0;  ///< how many of its kind were asked for before it
};

enum class disk_fault : std::uint8_t {
  none,
  io_error,     ///< EIO; a sync that fails so drops what it could not write, as Linux does
  full,         ///< ENOSPC; a read fails with EIO instead
  short_write,  ///< a part of the bytes is written, then ENOSPC; other calls fail with EIO
  lie,          ///< a sync is said to be done, and is not; other calls are
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
