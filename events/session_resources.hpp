// Resources of a session as the session object shows them: the types of answers
// (BetaManagedAgentsFileResource, …GitHubRepositoryResource of the Anthropic SDK,
// resources/beta/sessions/resources.d.ts) require fields that requests need not give.
#pragma once

#include "events/timestamp.hpp"

#include <string>
#include <string_view>

namespace sandbase {

/// `resources` with an id, both times and a mount path for each file and repository that lacks them. All others
/// stay as they are; a second time nothing changes. @pre `resources` is a valid JSON array
std::string complete_resources(std::string_view resources, timestamp now);

}  // namespace sandbase
