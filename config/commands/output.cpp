// SPDX-License-Identifier: Apache-2.0
#include "config/commands/output.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <utility>

namespace sandbase {
namespace {

/// What is written may hold secrets.
constexpr mode_t file_mode = 0640;

}  // namespace

result<output> output::to_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file_mode);
  std::FILE* file = descriptor < 0 ? nullptr : ::fdopen(descriptor, "w");
  if (file == nullptr)
    return {errc::io_failed, fmt::format("cannot write {}: {}", path, std::strerror(errno))};
  return output{file, path};
}

output output::to_stdout() { return output{stdout, "stdout"}; }

output::output(output&& other) noexcept
    : file_(std::exchange(other.file_, nullptr)), name_(std::move(other.name_)) {}

output::~output() {
  if (file_ != nullptr && file_ != stdout) std::fclose(file_);
}

result<void> output::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) return last_error();
  return {};
}

result<void> output::flush() {
  if (std::fflush(file_) != 0) return last_error();
  return {};
}

result<void> output::finish() {
  auto* file = std::exchange(file_, nullptr);
  const bool ok = file == stdout ? std::fflush(file) == 0 : std::fclose(file) == 0;
  if (!ok) return last_error();
  return {};
}

failure output::last_error() const {
  if (errno == EPIPE) return {errc::io_failed, ""};
  return {errc::io_failed, fmt::format("cannot write {}: {}", name_, std::strerror(errno))};
}

}  // namespace sandbase
