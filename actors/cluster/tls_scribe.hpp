// SPDX-License-Identifier: Apache-2.0
// A connection as CAF's network layer knows it: bytes through TLS.
#pragma once

#include "actors/cluster/link_opening.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/scribe.hpp>

#include <atomic>
#include <cstddef>
#include <memory>

namespace sandbase {

/// Takes the connection out of Asio's hands. Whoever gets it serves it on the thread of CAF's multiplexer.
/// `alive`: counts it as long as it is open. `unavailable`: the socket cannot be had.
result<caf::io::scribe_ptr> make_tls_scribe(caf::actor_system& system, open_link link,
                                            std::shared_ptr<std::atomic<std::size_t>> alive);

}  // namespace sandbase
