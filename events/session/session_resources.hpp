// SPDX-License-Identifier: Apache-2.0
// Resources of a session as the session object shows them: the types of answers
// (BetaManagedAgentsFileResource, …GitHubRepositoryResource of the Anthropic SDK,
// resources/beta/sessions/resources.d.ts) require fields that requests need not give.
#pragma once

#include "events/base/timestamp.hpp"
#include "events/session/session.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

/// `resources` with an id, both times and a mount path for each file and repository that lacks them. All
/// others stay as they are; a second time nothing changes. @pre `resources` is a valid JSON array
std::string complete_resources(std::string_view resources, timestamp now);

/// Whether one of a session's resources is a `memory_store` of this `memory_store_id` (compared as it is
/// read, escapes resolved).
bool has_memory_store(const session_definition& definition, std::string_view id);
/// Of all of them.
std::vector<std::string> memory_stores_of(const session_definition& definition);

}  // namespace sandbase
