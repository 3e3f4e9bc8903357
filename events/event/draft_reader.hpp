// SPDX-License-Identifier: Apache-2.0
// Reading events out of text that is validated already: what the parsers of whole bodies share.
#pragma once

#include "events/base/result.hpp"
#include "events/base/role.hpp"
#include "events/event/event_draft.hpp"
#include "events/json/field_path.hpp"
#include "events/json/json_text.hpp"

#include <vector>

namespace sandbase {

/// As parse_events. Previews go to `previews`; where that is null they
/// are refused. @pre `events` is part of a json::document
result<std::vector<event_draft>> read_events(const json::value& events, const field_path& path, role by,
                                             const send_limits& limits,
                                             std::vector<placed_preview>* previews = nullptr);

/// One event of an import: as parse_events for a runtime key, but `processed_at` and id are kept whatever
/// they are as long as they are well-formed, events that only the service makes are taken, required fields
/// may be missing, and it may have any size. @pre `event` is part of a json::document
result<event_draft> read_imported_event(const json::value& event, const field_path& path);

}  // namespace sandbase
