// SPDX-License-Identifier: Apache-2.0
// A disk in memory for SQLite, with crashes, power cuts and faults. Everything that SQLite asks of the system
// (files, locks, shared memory, random bits, time, sleep) comes from here, and from one seed.
//
// What a power cut keeps is what POSIX and SQLite's documentation promise, and no more: the bytes of a file
// as of its last sync, and of what came later any part, sector by sector and in any order; a write may be
// torn at any byte or leave garbage where it changes something, but not beside it ("powersafe overwrite",
// which SQLite assumes of every Unix). All files stand in one folder. It is synced with the first sync of
// each log and journal that SQLite makes, and where it asks for that at a removal; of what happened to a name
// since, only the first few changes may hold. The name of a new database is durable with its first sync.
#pragma once

#include "test/simulation/disk/disk_operation.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase::sim {

class disk_core;
class disk_layer;

/// One at a time. Thread-safe but for `fault`, which is set while nobody uses the disk.
class sim_disk {
 public:
  /// Becomes SQLite's default file layer until it is destroyed; no connection may outlive it. The sequence of
  /// SQLite's own random numbers begins anew.
  explicit sim_disk(std::uint64_t seed);
  sim_disk(const sim_disk&) = delete;
  sim_disk& operator=(const sim_disk&) = delete;
  ~sim_disk();

  // --- the end of a process ---------------------------------------------------------

  /// Nothing reaches the disk from now on: every write, sync, truncation and removal fails with an I/O error.
  /// Called when a process dies, before the destructors of what was in it run.
  void freeze();
  /// The process died, the machine did not: all that was written is there, synced or not. What still has
  /// files open can neither read nor write them.
  void restart();
  /// The machine lost power: only what was synced is sure to be there. Else like restart().
  void power_cut();

  // --- faults -----------------------------------------------------------------------

  /// Asked before each read, write, sync, truncation and removal, in the thread of the caller; may call
  /// freeze(), which this operation feels already.
  std::function<disk_fault(const disk_operation&)> fault;
  disk_counts counts() const;

  // --- files, as programs see them -----------------------------------------------------

  std::vector<std::string> files() const;
  /// Empty if there is no such file.
  std::string bytes(std::string_view path) const;
  /// Turns `bits` of a byte over, also on the medium. @returns whether there is such a byte
  bool corrupt(std::string_view path, std::size_t offset, unsigned char bits = 1);

 private:
  std::unique_ptr<disk_core> core_;
  std::unique_ptr<disk_layer> layer_;
};

}  // namespace sandbase::sim
