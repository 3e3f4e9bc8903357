// SPDX-License-Identifier: Apache-2.0
#include "config/commands/progress_bar.hpp"

#include "config/terminal/terminal.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <unistd.h>

namespace sandbase {
namespace {

constexpr std::chrono::milliseconds between_draws{100};
constexpr const char* erase_line = "\r\x1b[K";

std::string short_number(double n) {
  if (n >= 1e6) return fmt::format("{:.1f} M", n / 1e6);
  if (n >= 1e4) return fmt::format("{:.0f} k", n / 1e3);
  return fmt::format("{:.0f}", n);
}

/// How much, and how much a second.
std::string render_counts(const progress_state& state, double seconds) {
  if (!state.events) {
    const auto bytes = static_cast<double>(state.done_bytes);
    return fmt::format("{}  {}/s", render_bytes(bytes), render_bytes(bytes / seconds));
  }
  const auto events = static_cast<double>(*state.events);
  return fmt::format("{} events  {}/s", short_number(events), short_number(events / seconds));
}

}  // namespace

std::string render_bytes(double bytes) {
  constexpr std::array units = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{:.0f} B", bytes);
  std::size_t unit = 0;
  for (bytes /= 1024; bytes >= 1024 && unit + 1 < units.size(); ++unit) bytes /= 1024;
  return fmt::format("{:.1f} {}", bytes, units[unit]);
}

std::string render_progress(const progress_state& state) {
  const auto seconds = std::max(state.elapsed.count(), 1e-3);
  const auto counts = render_counts(state, seconds);
  if (!state.total_bytes || *state.total_bytes == 0) return counts;

  constexpr std::size_t width = 20;
  const auto part =
      std::min(1.0, static_cast<double>(state.done_bytes) / static_cast<double>(*state.total_bytes));
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(width));
  const auto bar = std::string(filled, '#') + std::string(width - filled, '-');
  auto line = fmt::format("[{}] {:3.0f} %  {}", bar, part * 100, counts);
  if (part > 0) {
    const auto left = std::llround(seconds / part * (1 - part));
    line += fmt::format("  {}:{:02} left", left / 60, left % 60);
  }
  return line;
}

progress_bar::progress_bar(std::optional<std::uint64_t> total_bytes)
    : visible_(isatty(STDERR_FILENO) != 0), total_bytes_(total_bytes) {
  if (visible_) set_farewell(erase_line);
}

progress_bar::~progress_bar() {
  if (!visible_) return;
  std::fputs(erase_line, stderr);
  set_farewell({});
}

void progress_bar::update(std::uint64_t done_bytes, std::optional<std::uint64_t> events) {
  if (!visible_ || clock::now() < next_draw_) return;
  next_draw_ = clock::now() + between_draws;
  std::fprintf(stderr, "\r%s\x1b[K", render_progress({done_bytes, total_bytes_, events, elapsed()}).c_str());
  std::fflush(stderr);
}

}  // namespace sandbase
