// SPDX-License-Identifier: Apache-2.0
// A line on a terminal's stderr that tells how far a long job is; silent where stderr is no terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace sandbase {

struct progress_state {
  std::uint64_t done_bytes = 0;
  /// Unknown for stdin.
  std::optional<std::uint64_t> total_bytes;
  /// Without, the bytes are what counts.
  std::optional<std::uint64_t> events;
  std::chrono::duration<double> elapsed{};
};

/// `[########------------]  40 %  1.2 M events  85 k/s  0:14 left`, or `…  1.2 GiB  85.0 MiB/s  …`; without a
/// total only counts and rate.
std::string render_progress(const progress_state& state);

/// `512 B`, `1.5 MiB`.
std::string render_bytes(double bytes);

class progress_bar {
 public:
  explicit progress_bar(std::optional<std::uint64_t> total_bytes);
  /// Erases the line.
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  /// Cheap: draws a few times a second only.
  void update(std::uint64_t done_bytes, std::optional<std::uint64_t> events = {});
  std::chrono::duration<double> elapsed() const { return clock::now() - start_; }

 private:
  using clock = std::chrono::steady_clock;

  bool visible_;
  std::optional<std::uint64_t> total_bytes_;
  clock::time_point start_ = clock::now();
  clock::time_point next_draw_ = start_;
};

}  // namespace sandbase
