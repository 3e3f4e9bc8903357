// SPDX-License-Identifier: Apache-2.0
// Compares a session of an import file with the one that the store has:
// importing the same file twice changes nothing.
#pragma once

#include "config/commands/import_source.hpp"
#include "persistence/backend.hpp"

namespace sandbase {

/// Takes the session's events from `source` and compares what the file has (all fields of its header that are
/// not computed from the log; each event's type and payload, id and time if given) with `stored`.
/// @returns how many events there were. Failure `conflict` names the first line that differs.
result<seq_t> compare_session(store_admin& store, const session_row& stored, const header_line& header,
                              import_source& source);

/// Whether `given`, the `session` object of an import file, agrees with
/// `stored`. The failure `conflict` names the field.
result<void> compare_definition(std::string_view given, const session_header& stored);

}  // namespace sandbase
