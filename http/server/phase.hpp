// SPDX-License-Identifier: Apache-2.0
// What a connection is at, and how long it may stay there.
#pragma once

#include "actors/caf/io_thread.hpp"
#include "http/io/options.hpp"

#include <chrono>
#include <cstdint>

namespace sandbase {

enum class phase : std::uint8_t {
  /// A request's head is to come.
  head,
  /// Actors are asked, or a handler is at it.
  working,
  /// The rest of a request is to come.
  body,
  /// An answer is on its way to the client.
  writing,
  /// The socket is a stream's.
  streaming,
  /// The last answer is written; what the client still sends is thrown away until it has seen that.
  lingering,
  gone,
};

/// What decides on the patience with a client beside the phase.
struct phase_conditions {
  /// A byte of the next request is there, or the connection is new.
  bool head_begun = false;
  /// Too many connections are open: the first request is answered with that.
  bool turned_away = false;
  /// The service shuts down.
  bool drained = false;
  /// The body may have any length, and every byte of it gives time for the next.
  bool body_streams = false;
  /// For the actors behind.
  std::chrono::milliseconds handler_patience{};
  /// Of phase::lingering.
  io_thread::clock::time_point lingers_until = io_thread::clock::time_point::max();

  using time_point = io_thread::clock::time_point;

  /// When a connection that enters `next` at `now`, or has got a step further in it, is out of time.
  time_point deadline(phase next, time_point now, const http_options& options) const;
  /// Until when all of the lingering that begins `now` must be over.
  time_point end_of_lingering(time_point now) const;
};

}  // namespace sandbase
