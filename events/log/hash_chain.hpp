// SPDX-License-Identifier: Apache-2.0
// The hash chain over a session's log: head(n) = SHA-256(head(n-1) ‖ leaf(n)), head(0) = 32 zero bytes. The
// leaf stands for an event, and stays when the event is erased (event_proof.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

using digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4) of `text`.
digest sha256(std::string_view text);

/// The leaf of an event.
digest salted_leaf(std::string_view salt, std::string_view json);
/// The head after an event, from the head before it and the event's leaf.
digest next_head(const digest& head, const digest& leaf);

/// The same in the chain of logs that have no salts, as they come from elsewhere:
/// head(n) = SHA-256(head(n-1) ‖ JSON bytes of event n).
digest next_unsalted_head(const digest& head, std::string_view json);

/// `sha256:` + 64 hex digits, as the API shows heads.
std::string format_head(const digest& head);
std::optional<digest> parse_head(std::string_view text);

}  // namespace sandbase
