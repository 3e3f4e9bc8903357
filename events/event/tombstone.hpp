// SPDX-License-Identifier: Apache-2.0
// What stands in a log in place of an event whose payload was erased.
#pragma once

#include "events/base/result.hpp"
#include "events/base/timestamp.hpp"

#include <string>
#include <string_view>

namespace sandbase {

/// Longer reasons are refused; in characters.
inline constexpr std::size_t max_redaction_reason = 200;

/// `{"id","type","redacted":{"at","reason"},"processed_at"}` with id, type and time of the stored event
/// `json`. Without a reason (empty) it says null. One thing of the payload is kept, because where a turn ends
/// depends on it: `redacted` of a `session.status_idle` that waited says `"stop_reason":"requires_action"`,
/// behind the reason. `corrupt` if `json` is no stored event.
result<std::string> render_tombstone(std::string_view json, timestamp at, std::string_view reason);

/// Whether `json` is a tombstone as render_tombstone() makes them. Takes any bytes.
bool is_tombstone(std::string_view json);
/// Whether it is that of a `session.status_idle` whose stop_reason was `requires_action`.
bool is_waiting_tombstone(std::string_view json);

}  // namespace sandbase
