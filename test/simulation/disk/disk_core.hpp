// SPDX-License-Identifier: Apache-2.0
// The disk behind the file layer: each call as SQLite makes it, answered with SQLite's codes. Thread-safe.
#pragma once

#include "test/simulation/disk/disk_operation.hpp"
#include "test/simulation/disk/folder.hpp"
#include "test/simulation/random.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase::sim {

class disk_core {
 public:
  using fault_fn = std::function<disk_fault(const disk_operation&)>;

  disk_core(std::uint64_t seed, const fault_fn& fault) : random_(seed), fault_(fault) {}

  // --- files; codes are SQLite's ----------------------------------------------

  /// `path` empty: a temporary file. `flags` are SQLite's. Null if it does
  /// not exist and is not to be made, or cannot be.
  std::unique_ptr<open_file> open(std::string_view path, int flags);
  void close(open_file& file);
  int read(open_file& file, char* to, std::size_t size, std::uint64_t offset);
  int write(open_file& file, std::string_view bytes, std::uint64_t offset);
  int truncate(open_file& file, std::uint64_t size);
  int sync(open_file& file);
  std::uint64_t size(const open_file& file) const;
  int remove(std::string_view path, bool synced);
  /// Whether there is such a file with something in it.
  bool has_content(std::string_view path) const;

  /// Runs `f` alone: for what the files themselves do (locks, shared memory).
  template <class F>
  auto alone(F&& f) const {
    const std::lock_guard guard{mutex_};
    return f();
  }

  // --- the machine ---------------------------------------------------------------

  void fill_random(char* to, std::size_t size);
  /// Milliseconds since 1970; goes on only by sleep().
  std::int64_t now_ms() const;
  void sleep(std::int64_t us);
  int last_errno() const;

  void freeze();
  void restart();
  void cut_power();

  // --- for tests ------------------------------------------------------------------

  disk_counts counts() const;
  std::vector<std::string> files() const;
  std::string bytes(std::string_view path) const;
  bool flip(std::string_view path, std::size_t offset, unsigned char bits);

 private:
  /// Counts the call and asks what becomes of it.
  disk_fault ask(disk_request kind, std::string_view path, std::uint64_t offset, std::size_t size);
  bool is_cut_off(const open_file& file) const { return frozen_ || file.life != life_; }
  /// Notes why and gives the code back.
  int fail(int& file_errno, disk_fault fault, int code);

  mutable std::mutex mutex_;
  random_source random_;
  const fault_fn& fault_;
  folder folder_;
  disk_counts counts_;
  bool frozen_ = false;
  /// How many processes there were.
  std::uint64_t life_ = 1;
  std::int64_t now_us_ = 1'750'000'000'000'000;
  int last_errno_ = 0;
};

}  // namespace sandbase::sim
