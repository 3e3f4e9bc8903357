// SPDX-License-Identifier: Apache-2.0
// Files as connections have them open, and the locks between these connections.
#pragma once

#include "test/simulation/disk/file_content.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sandbase::sim {

struct open_file;

/// A file under whatever name, or under none any more.
struct file_node {
  file_content content;
  std::vector<open_file*> users;
  /// The write-ahead log's index: memory that its users share, gone with the last of them.
  std::vector<std::unique_ptr<char[]>> shared_memory;
};

/// One opening of a file: what SQLite holds for each connection and file.
struct open_file {
  std::shared_ptr<file_node> node;
  /// Empty: a temporary file.
  std::string path;
  /// Of the process that opened it.
  std::uint64_t life = 0;
  bool is_read_only = false;
  bool removed_at_close = false;
  /// With its next sync.
  bool syncs_folder = false;
  int last_errno = 0;

  // --- locks ---
  /// SQLITE_LOCK_….
  int lock_level = 0;
  bool has_shared_memory = false;
  /// Bit by bit, of the write-ahead log's index.
  std::uint16_t shared_slots = 0;
  /// Same.
  std::uint16_t exclusive_slots = 0;

  /// Raises the lock on the file as POSIX locks between processes would. @returns whether it was granted; a
  /// refused exclusive lock leaves a pending one, which keeps new readers out
  bool lock(int level);
  void unlock(int level);
  /// Whether anybody means to write.
  bool is_reserved() const;

  /// Locks `count` slots of the log's index from `first` on, all or none. @returns whether it was granted
  bool lock_slots(int first, int count, bool exclusively);
  void unlock_slots(int first, int count);
  /// `size` bytes of shared memory, always the same for one `region`; null
  /// if they were never asked for with `make`.
  void* map(std::size_t region, std::size_t size, bool make);
  void unmap();
};

}  // namespace sandbase::sim
