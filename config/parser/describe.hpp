// SPDX-License-Identifier: Apache-2.0
// The parser's own commands and options as data.
#pragma once

#include "config/manual/command_model.hpp"

namespace CLI {
class App;
}

namespace sandbase {

described_command describe(const CLI::App& app, const std::string& path = {});

}  // namespace sandbase
