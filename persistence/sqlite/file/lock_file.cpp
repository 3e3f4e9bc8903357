// SPDX-License-Identifier: Apache-2.0
#include "persistence/sqlite/file/lock_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

namespace sandbase::sqlite {

namespace {

class held_lock final : public exclusive_lock {
 public:
  explicit held_lock(int fd) : fd_(fd) {}
  held_lock(const held_lock&) = delete;
  held_lock& operator=(const held_lock&) = delete;
  ~held_lock() override {
    static_cast<void>(::ftruncate(fd_, 0) ==
                      0);  // the name is only for messages; the lock goes with the descriptor
    ::close(fd_);
  }

 private:
  int fd_;
};

/// @returns whether it worked; errno tells why not
bool try_lock(int fd) {
  // Who asks is_locked() holds a shared lock for a moment: only an
  // exclusive one means that the store is in use.
  constexpr int attempts = 1000;
  for (int i = 0; i < attempts; ++i) {
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK || ::flock(fd, LOCK_SH | LOCK_NB) != 0) return false;
    ::flock(fd, LOCK_UN);
    ::usleep(1000);
  }
  errno = EWOULDBLOCK;
  return false;
}

std::string holder_of(int fd) {
  std::array<char, 256> text{};
  const auto n = ::pread(fd, text.data(), text.size(), 0);
  std::string holder{text.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return holder.empty() ? "another process" : holder;
}

}  // namespace

result<std::unique_ptr<exclusive_lock>> lock_file(const std::string& path, std::string_view purpose) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0)
    return {errc::unavailable, fmt::format("cannot open the lock file {}: {}", path, std::strerror(errno))};
  if (!try_lock(fd)) {
    const bool held = errno == EWOULDBLOCK;
    const auto message = held ? fmt::format("the store is in use by {} (lock file {})", holder_of(fd), path)
                              : fmt::format("cannot lock {}: {}", path, std::strerror(errno));
    ::close(fd);
    return {held ? errc::conflict : errc::unavailable, message};
  }
  auto lock = std::make_unique<held_lock>(fd);
  const auto holder = fmt::format("process {} ({})\n", ::getpid(), purpose);
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, holder.data(), holder.size(), 0) < 0)
    return {errc::unavailable, fmt::format("cannot write the lock file {}: {}", path, std::strerror(errno))};
  return result<std::unique_ptr<exclusive_lock>>{std::move(lock)};
}

bool is_locked(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool held = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return held;
}

}  // namespace sandbase::sqlite
