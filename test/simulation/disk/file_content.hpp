// SPDX-License-Identifier: Apache-2.0
// The bytes of a file twice: as programs see them, and as they stand on the medium since the last sync.
#pragma once

#include "test/simulation/random.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase::sim {

class file_content {
 public:
  /// What a medium writes as one, in bytes.
  static constexpr std::size_t sector = 512;

  std::size_t size() const { return seen_.size(); }
  const std::string& bytes() const { return seen_; }
  bool has_unsynced() const { return !changes_.empty(); }

  /// Copies what is there. @returns how many bytes that is
  std::size_t read(std::size_t offset, char* to, std::size_t size) const;
  /// What lies between the end and `offset` becomes zeros.
  void write(std::size_t offset, std::string_view bytes);
  /// Does nothing if the file is smaller.
  void truncate(std::size_t size);

  /// Everything is on the medium.
  void sync();
  /// Any part of it got there; the rest is forgotten, and no later sync
  /// brings it there, although programs go on to see it.
  void fail_sync(random_source& random);
  /// Of what was not synced nothing, everything, a beginning or any part got to the medium; programs see the
  /// medium again. A write outside of which nothing changes (SQLite's "powersafe overwrite") may itself be
  /// torn at any byte or leave garbage.
  void cut_power(random_source& random);

  /// Turns bits over, also on the medium. @pre offset < size()
  void flip(std::size_t offset, unsigned char bits);

 private:
  struct change {
    bool is_truncation = false;
    /// Or the size truncated to.
    std::size_t offset = 0;
    std::size_t size = 0;
    /// Where its bytes begin in data_.
    std::size_t data = 0;
  };
  /// What becomes of a piece of a change: so many bytes from its front arrive, as they are or as garbage.
  struct fate {
    std::size_t arrives = 0;
    bool as_garbage = false;
  };

  /// Asks `decide(size)` for the fate of each piece of a sector (or of a truncation), in order, and brings it
  /// about. Nothing is unsynced then.
  template <class Decide>
  void settle(Decide decide);
  void settle_beginning(random_source& random);
  void settle_any_part(random_source& random);
  void arrive(std::size_t offset, std::string_view bytes);
  /// What a torn write may leave: bytes that it does not change stay what they are.
  std::string garbled(std::size_t offset, std::string_view bytes) const;

  std::string seen_;
  std::string medium_;
  /// Since the last sync, in order.
  std::vector<change> changes_;
  /// Of them.
  std::string data_;
};

}  // namespace sandbase::sim
