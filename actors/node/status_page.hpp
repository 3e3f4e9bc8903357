// SPDX-License-Identifier: Apache-2.0
// What the actors of a node have told of themselves, as JSON. Values in, text out.
#pragma once

#include "actors/messages/all.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sandbase {

/// One that was asked.
struct told_status {
  enum class how : std::uint8_t {
    /// Not yet.
    asked,
    told,
    /// It did not answer within the time.
    hung,
    /// It has ended.
    gone,
  };
  std::string name;
  how came = how::asked;
  actor_status status;
  /// As of a show_part.
  std::shared_ptr<const call_watch> calls{};
};

/// Of one session's actor; `name` is its id.
struct told_session : told_status {
  workspace_key workspace = 0;
};

/// Sessions of each order that a page shows.
inline constexpr std::size_t shown_sessions = 20;

/// `"actors":[…],"sessions":{…}`. Of the sessions the largest by each of what is unsealed, events and
/// followers, then those that do not answer; `all`: every one. `active`: also those that were not asked;
/// nothing: the directory does not answer.
std::string render_status(const std::vector<told_status>& parts, const std::vector<told_session>& sessions,
                          std::optional<std::size_t> active, bool all);

}  // namespace sandbase
