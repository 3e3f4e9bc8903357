// SPDX-License-Identifier: Apache-2.0
// Which service a command talks to and with which key: from the command line, a profile or the environment.
#pragma once

#include "config/option_sources.hpp"
#include "events/base/result.hpp"

#include <optional>
#include <string>

namespace sandbase {

/// What was given on the command line; empty: not.
struct service_given {
  std::string url;
  std::string key;
  std::string key_file;
  std::string profile;
  std::string ca_file;

  bool any() const { return !(url + key + key_file + profile + ca_file).empty(); }
};

struct service_target {
  /// Checked by parse_service_url().
  std::string url;
  /// Empty: it is in `key_file`, or there is none.
  std::string key;
  /// `-`: stdin.
  std::string key_file;
  /// Certificates of authorities to trust beside the system's; empty: only those.
  std::string ca_file;
};

/// Finds the service: `--url` wins over `--profile`, that over SANDBASE_URL, that over the profile
/// SANDBASE_PROFILE or, if there is such a one, `default`. A key goes with what named the service: `--key`
/// and `--key-file` win, then the profile that was named or that has the address, then SANDBASE_KEY and
/// SANDBASE_KEY_FILE. So no key of a profile is shown to the service of another one.
/// @returns nothing if no service is named anywhere
/// Failures are `invalid` and name the option, the variable or the file with the line.
result<std::optional<service_target>> find_service(const service_given& given,
                                                   const environment_fn& environment);

/// The key itself, out of its file if it is in one. `invalid` if there is none, or if it cannot be read.
result<std::string> read_key(const service_target& target);

}  // namespace sandbase
