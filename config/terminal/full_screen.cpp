// SPDX-License-Identifier: Apache-2.0
#include "config/terminal/full_screen.hpp"

#include "config/terminal/terminal.hpp"

#include <cerrno>
#include <poll.h>
#include <string_view>
#include <unistd.h>

namespace sandbase {
namespace {

// xterm's control sequences, which all terminals of today have: another screen, and no cursor.
constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view leave = "\x1b[?25h\x1b[?1049l";

void write_all(std::string_view text) {
  while (!text.empty()) {
    const auto put = ::write(STDOUT_FILENO, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
}

}  // namespace

full_screen::full_screen() : has_keys_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
  if (has_keys_) {
    auto now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    // A stopped program would leave its screen behind.
    now.c_cc[VSUSP] = _POSIX_VDISABLE;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &now);
  }
  set_farewell(leave);
  write_all(enter);
}

full_screen::~full_screen() {
  write_all(leave);
  set_farewell({});
  if (has_keys_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

void full_screen::draw(const std::vector<std::string>& lines) {
  std::string out = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); ++i)
    out += lines[i] + "\x1b[K" + (i + 1 < lines.size() ? "\r\n" : "");
  out += "\x1b[J";
  write_all(out);
}

char full_screen::wait_for_key(std::chrono::milliseconds time) {
  pollfd keys{has_keys_ ? STDIN_FILENO : -1, POLLIN, 0};
  if (::poll(&keys, 1, static_cast<int>(time.count())) <= 0) return 0;
  char key = 0;
  if (::read(STDIN_FILENO, &key, 1) == 1) return key;
  // Whoever had the keyboard is gone: no reason to look again and again.
  has_keys_ = false;
  return 0;
}

}  // namespace sandbase
