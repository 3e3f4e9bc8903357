// SPDX-License-Identifier: Apache-2.0
// A log whose events are erased in part does not tell all of its session's progress any more. What it lacks,
// the session object tells that was exported with it.
#pragma once

#include "events/event/catalog.hpp"
#include "events/json/field_path.hpp"
#include "events/json/json_text.hpp"
#include "events/session/session.hpp"

namespace sandbase {

/// Parts of a progress that depend on payloads which are erased.
struct untold_progress {
  bool usage = false;
  bool details = false;
  bool pending = false;
  bool outcomes = false;

  /// An event of this type was folded by what its tombstone tells.
  void note(event_type type);
};

/// Makes those parts of `folded` what `session`, a session object, says, so that it would be rendered the
/// same again. What the object has not stays as it was folded. `path`: the object's place. `invalid`: a field
/// is none of a session object, or the log, as far as it tells, says otherwise.
result<void> complete_progress(session_progress& folded, const untold_progress& lacks,
                               const json::value& session, const field_path& path);

}  // namespace sandbase
