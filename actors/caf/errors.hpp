// SPDX-License-Identifier: Apache-2.0
// The seam between errors as values below (failure) and CAF's errors in messages.
#pragma once

#include "events/base/result.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>

#include <string>

CAF_ERROR_CODE_ENUM(sandbase::errc, "sandbase")

namespace sandbase {

/// A CAF error that carries the failure's code and message.
caf::error to_error(const failure& f);

/// The failure in a CAF error. Errors of CAF itself (a receiver that is down, a timeout) become `unavailable`
/// if the request was certainly not handled, `unknown_outcome` otherwise.
failure to_failure(const caf::error& e);

/// Of a request that only reads: whatever became of it, it may be tried again, so an answer that did not come
/// in time is `unavailable`.
caf::error of_read(const caf::error& e);

/// Whether the error says that the receiver was gone before it took the
/// message: the request may be tried again.
bool is_receiver_down(const caf::error& e);
/// Whether a refusal of something done for the second time leaves open what became of the first: nothing was
/// done now, or what the first one did is deleted by now.
bool leaves_open(const failure& second);
/// The same, of what was to be handed on to a receiver that is gone.
caf::error not_handed_on();

}  // namespace sandbase
