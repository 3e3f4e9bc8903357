// SPDX-License-Identifier: Apache-2.0
#include "http/server/phase.hpp"

#include <algorithm>

namespace sandbase {

namespace {

using namespace std::chrono_literals;

/// How long a client that still sends may take to see the last answer, byte by byte and in all.
constexpr std::chrono::milliseconds linger_step = 5s;
constexpr std::chrono::milliseconds linger_most = 30s;
/// In all, at a shutdown.
constexpr std::chrono::milliseconds drained_linger = 500ms;
/// For each step of one who is turned away: others need the place.
constexpr std::chrono::milliseconds turned_away_patience = 1s;

}  // namespace

phase_conditions::time_point phase_conditions::deadline(phase next, time_point now,
                                                        const http_options& options) const {
  switch (next) {
    case phase::head:
      if (turned_away) return now + turned_away_patience;
      return now + (head_begun ? options.header_timeout : options.idle_timeout);
    case phase::working:
      return now + handler_patience;
    case phase::body:
      return now + (body_streams ? options.piece_timeout : options.body_timeout);
    case phase::writing:
      return now + options.write_timeout;
    case phase::lingering:
      return std::min(now + linger_step, lingers_until);
    case phase::streaming:  // the stream has its own
    case phase::gone:
      break;
  }
  return time_point::max();
}

phase_conditions::time_point phase_conditions::end_of_lingering(time_point now) const {
  if (drained) return now + drained_linger;
  return now + (turned_away ? turned_away_patience : linger_most);
}

}  // namespace sandbase
