// SPDX-License-Identifier: Apache-2.0
// How much memory a header takes: about, without what the allocator adds.
#include "events/session/session.hpp"

namespace sandbase {

std::size_t memory_of(const session_definition& d) {
  auto bytes = sizeof d + d.id.size() + d.environment_id.size() + d.agent_id.size() + d.agent.size() +
               d.resources.size() + d.vault_ids.size() + d.budget.size() + d.expires_at.size();
  for (const auto* text : {&d.title, &d.deployment_id})
    if (*text) bytes += (*text)->size();
  for (const auto& [key, value] : d.metadata) bytes += sizeof d.metadata[0] + key.size() + value.size();
  return bytes;
}

std::size_t memory_of(const session_progress& p) {
  auto bytes = sizeof p + p.answers.size() * sizeof p.answers[0] +
               p.recent_appends.size() * sizeof p.recent_appends[0];
  for (const auto& use : p.pending) bytes += sizeof use + use.id.size() + use.name.size();
  for (const auto& outcome : p.outcomes)
    bytes += sizeof outcome + outcome.id.size() + outcome.description.size() + outcome.result.size() +
             outcome.explanation.size();
  return bytes;
}

}  // namespace sandbase
