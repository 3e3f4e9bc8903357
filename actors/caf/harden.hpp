// SPDX-License-Identifier: Apache-2.0
// Default handlers for every actor of this service, so that none of
// CAF's (print to stdout, quit on any error message) is ever met.
#pragma once

#include <caf/scheduled_actor.hpp>

namespace sandbase {

/// Logs an exception that reached an actor's edge.
void log_exception(const char* actor, const char* what);

/// Unknown messages are refused, stray errors and down messages logged, exceptions
/// logged and turned into the end of the actor with errc::unavailable: what waits
/// in its mailbox was certainly not handled. Call it first in every actor.
void harden(caf::scheduled_actor* self);

}  // namespace sandbase
