// SPDX-License-Identifier: Apache-2.0
// How long a request is waited for. Whoever asks is answered in time even if whom it asks hangs; on the paths
// of appends, pulls and fan-out, which have no request, the deadlines of connections do the same.
#pragma once

#include <chrono>

namespace sandbase {

/// Of a reader: it may stand behind others, each of which takes some milliseconds.
inline constexpr std::chrono::seconds read_timeout{20};
/// Of the journal, which may wait for the disk: longer than a client does (http.request_timeout), since what
/// is given up has an unknown outcome.
inline constexpr std::chrono::seconds commit_timeout{120};
/// Of actors that do nothing long.
inline constexpr std::chrono::seconds answer_timeout{30};
/// Of an actor that makes a session: whatever it asks itself has given up by then, and told why.
inline constexpr std::chrono::seconds creation_timeout{commit_timeout + 3 * answer_timeout};

}  // namespace sandbase
