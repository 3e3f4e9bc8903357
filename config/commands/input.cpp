// SPDX-License-Identifier: Apache-2.0
#include "config/commands/input.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/core.h>
#include <sys/stat.h>

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

result<std::string_view> input::read() {
  const auto got = std::fread(buffer_.data(), 1, buffer_.size(), file_.get());
  bytes_read_ += got;
  if (got == 0 && std::ferror(file_.get()) != 0)
    return {errc::io_failed, fmt::format("cannot read {}: {}", name_, std::strerror(errno))};
  return std::string_view{buffer_}.substr(0, got);
}

}  // namespace sandbase
