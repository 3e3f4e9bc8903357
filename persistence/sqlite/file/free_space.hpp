// SPDX-License-Identifier: Apache-2.0
// How much of its disk a database may take.
#pragma once

#include <cstdint>
#include <string>

namespace sandbase::sqlite {

/// Of a database, in bytes.
struct space_in_use {
  /// Pages that nothing uses.
  std::int64_t unused = 0;
  /// What of the write-ahead log is not moved into the database.
  std::int64_t unmoved = 0;
};

/// Bytes that may be staged, which go through the write-ahead log. An import may take the disk but for what
/// its own removal needs: room to move the log into the database, and 16 MiB in the log for the steps of the
/// sweep. Both files use what they have again before they grow. Negative: there is not even so much left. The
/// largest number if the disk does not tell. Any thread.
std::int64_t room_to_stage(const std::string& database, space_in_use now);

}  // namespace sandbase::sqlite
