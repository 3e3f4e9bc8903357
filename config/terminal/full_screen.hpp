// SPDX-License-Identifier: Apache-2.0
// A terminal that a program has for itself: drawn over in place, keys as they are pressed, and given back as
// it was.
#pragma once

#include <chrono>
#include <string>
#include <termios.h>
#include <vector>

namespace sandbase {

/// Standard output is the terminal; keys come from standard input if that is one too. One at a time.
class full_screen {
 public:
  full_screen();
  ~full_screen();
  full_screen(const full_screen&) = delete;
  full_screen& operator=(const full_screen&) = delete;

  /// @pre no more lines than the terminal has rows, none wider than it
  void draw(const std::vector<std::string>& lines);
  /// The next key, or 0 when none came in this time or a signal did.
  char wait_for_key(std::chrono::milliseconds time);

 private:
  // Before what is made by reading it.
  termios before_{};
  bool has_keys_;
};

}  // namespace sandbase
