// SPDX-License-Identifier: Apache-2.0
// Where option values come from, and who wins: command line, then
// environment, then config file, then the default.
#pragma once

#include "config/options.hpp"
#include "events/base/result.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sandbase {

/// The value of an environment variable, if it is set.
using environment_fn = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of this process.
std::optional<std::string> process_environment(const std::string& name);

struct option_sources {
  /// Option name → the texts given, for those that were. Names come from option_table().
  std::map<std::string, std::vector<std::string>> command_line;
  environment_fn environment = process_environment;
  /// Path of the TOML file; empty: none.
  std::string config_file;
};

/// Resolves every option. Failures are `invalid`, one line that names the option and where its value stands:
/// `/etc/sandbase.toml, line 3: http.threads must be a whole number, not "many"`.
result<server_options> resolve_options(const option_sources& sources);

}  // namespace sandbase
