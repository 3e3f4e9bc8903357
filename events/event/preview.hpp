// SPDX-License-Identifier: Apache-2.0
// Previews of events that are still being made, as the Managed Agents API streams them: `event_start` and
// `event_delta` (BetaManagedAgentsStartEvent and BetaManagedAgentsDeltaEvent of the Anthropic SDK).
#pragma once

#include "events/event/event_draft.hpp"
#include "events/json/field_path.hpp"
#include "events/json/json_text.hpp"

namespace sandbase {

/// Whether an event of this type is a preview.
bool is_preview(std::string_view type_name);

/// Checks a preview and makes its frame, the JSON as sent without white
/// space. `forbidden` for others than runtimes.
/// @pre `event` is an object of a json::document whose type is_preview
result<preview> read_preview(const json::value& event, const field_path& path, role by,
                             const send_limits& limits);

}  // namespace sandbase
