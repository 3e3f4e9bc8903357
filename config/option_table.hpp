// SPDX-License-Identifier: Apache-2.0
// The one table of server options: the command line, the config file, the environment, the example file and
// the documentation all follow it.
#pragma once

#include "config/options.hpp"
#include "events/base/result.hpp"

#include <span>
#include <string>
#include <string_view>

namespace sandbase {

struct option_spec {
  /// `http.listen`: on the command line behind `--`, in the file key `listen` of `[http]`.
  std::string_view name;
  /// What its value looks like, for --help: `ADDRESS:PORT`.
  std::string_view value;
  /// One sentence, without a full stop.
  std::string_view help;
  /// Takes any number of values.
  bool repeats = false;
  /// Sets the option from the texts of its values (one, unless it repeats).
  /// Failure `invalid`, without the option's name.
  result<void> (*assign)(server_options& options, std::span<const std::string> values);
  /// The option's value as the config file spells it: `"127.0.0.1:8080"`, `2`, `[]`.
  std::string (*show)(const server_options& options);
};

/// Every option, sections together.
std::span<const option_spec> option_table();

/// Null if there is none.
const option_spec* find_option(std::string_view name);

/// `http.listen` → `SANDBASE_HTTP_LISTEN`.
std::string environment_name(std::string_view option);

}  // namespace sandbase
