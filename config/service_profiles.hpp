// SPDX-License-Identifier: Apache-2.0
// The file with profiles of services, for those who use several: a table each, with `url`, `key_file` or
// `key`, `ca_file`.
#pragma once

#include "config/option_sources.hpp"
#include "events/base/result.hpp"

#include <map>
#include <string>

namespace sandbase {

struct service_profile {
  std::string url;
  std::string key;
  /// Against the file's folder; `~/` is the home.
  std::string key_file;
  std::string ca_file;
};

using service_profiles = std::map<std::string, service_profile>;

/// `sandbase-events/profiles.toml` in XDG_CONFIG_HOME, or in `.config` of HOME; empty if neither is set.
std::string profiles_path(const environment_fn& environment);

/// All profiles of the file; none if it is not there. Failures are `invalid`, with the file and the line.
result<service_profiles> read_profiles(const std::string& path, const environment_fn& environment);

}  // namespace sandbase
