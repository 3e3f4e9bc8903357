// SPDX-License-Identifier: Apache-2.0
// A session's copy of its agent's configuration: every field of
// BetaManagedAgentsSessionAgent, whatever part of it was given.
#pragma once

#include "events/base/result.hpp"
#include "events/json/field_path.hpp"
#include "events/json/json_text.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sandbase {

struct agent_snapshot {
  std::string id;
  std::int64_t version = 1;
  /// The `agent` object.
  std::string json;
};

/// From an agent's id, `{"id":…,"version":…}`, one with overrides, or an earlier
/// snapshot. This service keeps no agents: what is not given gets a neutral value
/// (name: the id; model: `{"id":"unknown"}`). Failure: `invalid` below `path`.
/// @pre `given` is part of validated text
result<agent_snapshot> read_agent(const json::value& given, const field_path& path);

/// The snapshot with `tools` and `mcp_servers` (JSON arrays, or empty: unchanged) put in.
std::string with_tools(std::string_view agent, std::string_view tools, std::string_view mcp_servers);

}  // namespace sandbase
