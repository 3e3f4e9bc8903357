// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/file/free_space.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>

namespace sandbase::sqlite {

std::int64_t room_to_stage(const std::string& database, space_in_use now) {
  constexpr std::int64_t for_the_sweep = 16 * 1024 * 1024;
  std::error_code failed;
  const auto disk = std::filesystem::space(database, failed);
  if (failed) return std::numeric_limits<std::int64_t>::max();
  const auto size = std::filesystem::file_size(database + "-wal", failed);
  const auto log = failed ? 0 : static_cast<std::int64_t>(size);
  const auto available = static_cast<std::int64_t>(disk.available);
  // With n bytes unmoved the database grows beyond n = unused, and the log beyond n = log - for_the_sweep;
  // the disk has room for what both grow by.
  const auto [one, both] = std::minmax({now.unused, log - for_the_sweep});
  const auto most = one + available <= both ? one + available : (available + one + both) / 2;
  return most - now.unmoved;
}

}  // namespace sandbase::sqlite
