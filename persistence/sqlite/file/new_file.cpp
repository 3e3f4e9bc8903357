// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/file/new_file.hpp"

#include "persistence/sqlite/file/error.hpp"
#include "persistence/sqlite/file/folder.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sandbase::sqlite {

namespace {

failure taken(const std::filesystem::path& path) {
  return {errc::conflict, fmt::format("{} exists already: it is not overwritten", path.string())};
}

bool is_taken(const std::filesystem::path& path) {
  struct stat ignored {};
  return ::lstat(path.c_str(), &ignored) == 0;
}

/// Whether `path` still names the file that `fd` has open.
bool is_same_file(int fd, const std::string& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(fd, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

}  // namespace

new_file::new_file(std::filesystem::path target)
    : target_(std::move(target)), partial_(target_.string() + ".partial") {
  if (is_taken(target_)) throw error(taken(target_));
  fd_ = ::open(partial_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
  if (fd_ < 0) throw error(errc::invalid, fmt::format("cannot make {}: {}", partial_, std::strerror(errno)));
  try {
    take_partial();
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

/// Whoever holds the lock on the file that stands there may write, rename and remove it.
void new_file::take_partial() {
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0 || !is_same_file(fd_, partial_))
    throw error(errc::conflict, fmt::format("{} is being written by another process", partial_));
  if (::ftruncate(fd_, 0) != 0)
    throw error(errc::invalid, fmt::format("cannot empty {}: {}", partial_, std::strerror(errno)));
}

new_file::~new_file() {
  if (!published_) ::unlink(partial_.c_str());
  ::close(fd_);
}

void new_file::publish() {
  if (::fsync(fd_) != 0)
    throw error(errc::io_failed, fmt::format("cannot sync {}: {}", partial_, std::strerror(errno)));
  rename_to_target();
  published_ = true;
  sync_folder(std::filesystem::absolute(target_).parent_path());
}

void new_file::rename_to_target() {
  if (::renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) == 0) return;
  // Some file systems do not know the flag.
  const bool unknown = errno == EINVAL || errno == ENOSYS;
  if (errno == EEXIST || (unknown && is_taken(target_))) throw error(taken(target_));
  if (!unknown || ::rename(partial_.c_str(), target_.c_str()) != 0)
    throw error(errc::unavailable,
                fmt::format("cannot rename {} to {}: {}", partial_, target_.string(), std::strerror(errno)));
}

}  // namespace sandbase::sqlite
