// SPDX-License-Identifier: Apache-2.0
// Man pages, as roff for the macros of man(7).
#pragma once

#include "config/manual/command_model.hpp"
#include "config/option_table.hpp"

#include <span>
#include <string>
#include <string_view>

namespace sandbase {

/// Text for a paragraph: what roff would take for a request or an escape stands as itself, and what is not
/// ASCII by its code.
std::string escape_roff(std::string_view text);

/// sandbase-events.1: every command with its options, the environment, files, exit codes.
std::string render_program_page(const described_command& program, std::string_view version);

/// sandbase-events.toml.5: every option of the config file.
std::string render_options_page(std::span<const option_spec> options, std::string_view version);

}  // namespace sandbase
