// SPDX-License-Identifier: Apache-2.0
#include "config/commands/input.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sandbase {
namespace {

constexpr std::size_t read_bytes = 256 * 1024;

}  // namespace

result<input> input::open(const std::string& path) {
  if (path == "-") return input{stdin, "stdin"};
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return {errc::invalid, fmt::format("cannot read {}: {}", path, std::strerror(errno))};
  return input{file, path};
}

input::input(std::FILE* file, std::string name)
    : file_(file), name_(std::move(name)), buffer_(read_bytes, '\0') {
  struct stat info {};
  if (fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode))
    total_ = static_cast<std::uint64_t>(info.st_size);
}

bool input::is_ready_within(std::chrono::milliseconds patience) const {
  pollfd from{fileno(file_.get()), POLLIN, 0};
  return ::poll(&from, 1, static_cast<int>(patience.count())) != 0;  // read() tells what is wrong with it
}

result<std::string_view> input::read() {
  ssize_t got = 0;
  do got = ::read(fileno(file_.get()), buffer_.data(), buffer_.size());
  while (got < 0 && errno == EINTR);
  if (got < 0) return {errc::io_failed, fmt::format("cannot read {}: {}", name_, std::strerror(errno))};
  bytes_read_ += static_cast<std::uint64_t>(got);
  return std::string_view{buffer_}.substr(0, static_cast<std::size_t>(got));
}

}  // namespace sandbase
