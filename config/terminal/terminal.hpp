// SPDX-License-Identifier: Apache-2.0
// What standard output is: a terminal of some size that may show colours, or a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase {

bool is_terminal(int descriptor);

struct terminal_size {
  std::size_t columns = 80;
  std::size_t rows = 24;
  bool operator==(const terminal_size&) const = default;
};
/// As it is now; 80 by 24 where that is not known.
terminal_size size_of_terminal(int descriptor);

enum class colour : std::uint8_t { plain, bold, dim, red, green, yellow, blue, magenta, cyan };

/// Colours text, or leaves it as it is.
class palette {
 public:
  constexpr explicit palette(bool is_on) : is_on_(is_on) {}
  /// On for a terminal that is not `dumb`, unless the environment has NO_COLOR (no-color.org).
  static palette of(int descriptor);

  std::string paint(colour c, std::string_view text) const;
  bool is_on() const { return is_on_; }

 private:
  bool is_on_;
};

/// Has SIGINT, SIGTERM and SIGHUP end the process at once and without a word, with status 128 + their number.
void end_quietly_at_signals();
/// What is then written to standard error first, at most 63 bytes: what gives the terminal back as it was.
void set_farewell(std::string_view text);

/// Has SIGINT and SIGTERM only noted; a second one ends the process.
void note_signals();
/// Whether one was noted.
bool was_interrupted();

/// Ends the process with status 0 when nobody reads standard output any more, though there is nothing to
/// write just now. For a pipe only.
void leave_with_reader();

}  // namespace sandbase
