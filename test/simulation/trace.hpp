// SPDX-License-Identifier: Apache-2.0
// What happened, line by line: the last lines for people, a digest of all for comparing runs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fmt/core.h>
#include <string>
#include <string_view>
#include <utility>

namespace sandbase::sim {

class trace {
 public:
  static constexpr std::size_t kept_lines = 50;

  /// `echo`: gets every line as it comes; null: nobody does.
  explicit trace(std::FILE* echo = nullptr) : echo_(echo) {}

  /// @param ms virtual time
  template <class... Words>
  void add(std::uint64_t step, std::int64_t ms, const Words&... words) {
    auto line = fmt::format("#{} {}ms ", step, ms);
    ((line += fmt::format("{}", words)), ...);
    put(std::move(line));
  }
  std::uint64_t digest() const { return digest_; }
  std::uint64_t lines() const { return lines_; }
  /// The last lines, oldest first.
  void print(std::FILE* to) const;

 private:
  void put(std::string line);

  std::FILE* echo_;
  std::array<std::string, kept_lines> last_;
  std::uint64_t lines_ = 0;
  std::uint64_t digest_ = 0xcbf29ce484222325u;
};

/// FNV-1a: short, and the same everywhere.
std::uint64_t fingerprint(std::string_view text, std::uint64_t before = 0xcbf29ce484222325u);

}  // namespace sandbase::sim
