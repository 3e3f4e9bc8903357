// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/file/folder.hpp"

#include "persistence/sqlite/file/error.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

namespace sandbase::sqlite {

void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    throw error(errc::unavailable,
                fmt::format("cannot open folder {}: {}", folder.string(), std::strerror(errno)));
  const int code = ::fsync(fd);
  ::close(fd);
  if (code != 0) throw error(errc::io_failed, fmt::format("cannot sync folder {}", folder.string()));
}

}  // namespace sandbase::sqlite
