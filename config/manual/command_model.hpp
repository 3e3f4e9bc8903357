// SPDX-License-Identifier: Apache-2.0
// The commands with their options, as the parser takes them, for what describes them: completion, man pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

struct described_option {
  /// `-o`, `--output`; of a positional one its name in lower case.
  std::vector<std::string> names;
  /// What its value looks like; empty: it has none.
  std::string value;
  std::string help;
  /// Empty: none that it would tell.
  std::string default_text;
  bool is_positional = false;
  bool is_required = false;
};

struct described_command {
  /// `sessions list`; empty: the program.
  std::string path;
  std::string help;
  std::vector<described_option> options;
  /// The commands within it.
  std::vector<described_command> inner;
};

/// The values that can be typed as they stand: of `asc|desc` or `TIME|off` the words in lower case.
std::vector<std::string> choices_of(const described_option& option);
/// Whether its value is the name of a file.
bool takes_file(const described_option& option);

/// f(command) for the command and all within it, from the outside in.
template <class F>
void for_each_command(const described_command& command, F&& f) {
  f(command);
  for (const auto& inner : command.inner) for_each_command(inner, f);
}

}  // namespace sandbase
