#include "config/commands/progress_bar.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unistd.h>

namespace sandbase {
namespace {

constexpr std::chrono::milliseconds between_draws{100};

std::string short_number(double n) {
  if (n >= 1e6) return fmt::format("{:.1f} M", n / 1e6);
  if (n >= 1e4) return fmt::format("{:.0f} k", n / 1e3);
  return fmt::format("{:.0f}", n);
}

}  // namespace

std::string render_progress(const progress_state& state) {
  const auto seconds = std::max(state.elapsed.count(), 1e-3);
  const auto counts = fmt::format("{} events  {}/s", short_number(static_cast<double>(state.events)),
                                  short_number(static_cast<double>(state.events) / seconds));
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
    : visible_(isatty(STDERR_FILENO) != 0), total_bytes_(total_bytes) {}

progress_bar::~progress_bar() {
  if (visible_) std::fputs("\r\x1b[K", stderr);
}

void progress_bar::update(std::uint64_t done_bytes, std::uint64_t events) {
  if (!visible_ || clock::now() < next_draw_) return;
  next_draw_ = clock::now() + between_draws;
  std::fprintf(stderr, "\r%s\x1b[K", render_progress({done_bytes, total_bytes_, events, elapsed()}).c_str());
  std::fflush(stderr);
}

}  // namespace sandbase
