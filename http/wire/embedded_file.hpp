// SPDX-License-Identifier: Apache-2.0
// A file that is part of the binary; cmake/embed.cmake makes tables of them.
#pragma once

#include <string_view>

namespace sandbase {

struct embedded_file {
  /// Its path from the folder that the call of sandbase_embed() names, with `/`.
  std::string_view name;
  /// What it holds, byte for byte; lives as long as the process.
  std::string_view bytes;
};

}  // namespace sandbase
