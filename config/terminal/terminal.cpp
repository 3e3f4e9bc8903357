// SPDX-License-Identifier: Apache-2.0
#include "config/terminal/terminal.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fmt/core.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace sandbase {
namespace {

constexpr int interrupted_base = 128;

std::array<char, 64> farewell{};
std::atomic<std::size_t> farewell_size{0};
std::atomic<int> noted_signal{0};

/// Only what a signal handler may call.
extern "C" void end_at_signal(int signal) {
  const auto size = farewell_size.load();
  if (size > 0) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, farewell.data(), size);
  }
  ::_exit(interrupted_base + signal);
}

extern "C" void note_signal(int signal) {
  if (noted_signal.exchange(signal) != 0) ::_exit(interrupted_base + signal);
}

void handle(int signal, void (*handler)(int)) {
  // Whoever had it ignored, as nohup has, meant it.
  struct sigaction before {};
  if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

bool is_terminal(int descriptor) { return ::isatty(descriptor) != 0; }

terminal_size size_of_terminal(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

palette palette::of(int descriptor) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool is_unwanted = no_color != nullptr && *no_color != '\0';
  const bool is_dumb = term == nullptr || std::string_view{term} == "dumb" || *term == '\0';
  return palette{is_terminal(descriptor) && !is_unwanted && !is_dumb};
}

std::string palette::paint(colour c, std::string_view text) const {
  // ECMA-48, Select Graphic Rendition.
  static constexpr std::array codes{0, 1, 2, 31, 32, 33, 34, 35, 36};
  if (!is_on_ || c == colour::plain || text.empty()) return std::string{text};
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<std::size_t>(c)], text);
}

void end_quietly_at_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) handle(signal, end_at_signal);
}

void set_farewell(std::string_view text) {
  farewell_size = 0;
  const auto size = std::min(text.size(), farewell.size() - 1);
  std::copy_n(text.begin(), size, farewell.begin());
  farewell_size = size;
}

void note_signals() {
  for (const int signal : {SIGINT, SIGTERM}) handle(signal, note_signal);
}

bool was_interrupted() { return noted_signal != 0; }

void leave_with_reader() {
  struct stat info {};
  if (::fstat(STDOUT_FILENO, &info) != 0 || !(S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode))) return;
  std::thread{[] {
    pollfd out{STDOUT_FILENO, 0, 0};
    while (::poll(&out, 1, -1) <= 0 || (out.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0) {
    }
    ::_exit(0);
  }}.detach();
}

}  // namespace sandbase
