// SPDX-License-Identifier: Apache-2.0
// Scripts that have a shell complete the program's commands, options and values.
#pragma once

#include "config/manual/command_model.hpp"

#include <string>

namespace sandbase {

/// For bash 4.4 or newer, to be sourced.
std::string render_bash_completion(const described_command& program);
/// A function for a folder of `fpath`, or to be sourced behind compinit.
std::string render_zsh_completion(const described_command& program);
/// For a folder of completions, or to be sourced.
std::string render_fish_completion(const described_command& program);

}  // namespace sandbase
