// SPDX-License-Identifier: Apache-2.0
// Tools and skills of an agent as the session object shows them. Requests may leave out what has a default;
// the types of answers (BetaManagedAgentsAgentToolset20260401, …MCPToolset, …CustomTool, …AnthropicSkill,
// …CustomSkill of the Anthropic SDK, resources/beta/agents/agents.d.ts) require it.
#pragma once

#include <string>
#include <string_view>

namespace sandbase {

/// `tools` with the configs, default configs and schema types that are not given. What is of an unknown type,
/// or no object, stays as it is; a second time nothing changes. @pre `tools` is a valid JSON array
std::string complete_tools(std::string_view tools);
/// The same for skills: the version. @pre `skills` is a valid JSON array
std::string complete_skills(std::string_view skills);

}  // namespace sandbase
