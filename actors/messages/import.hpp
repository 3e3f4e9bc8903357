// SPDX-License-Identifier: Apache-2.0
// What an importer is sent and answers, and what it has the journal do.
#pragma once

#include "actors/actors.hpp"
#include "persistence/event_store.hpp"
#include "persistence/transfer/import_machine.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace sandbase {

struct import_piece {
  /// The next bytes of the input.
  std::shared_ptr<const std::string> bytes;
  /// Nothing follows.
  bool is_last = false;
  /// Unless its code is none: what follows cannot be had, and why. Then there are no bytes.
  failure broken_off{};
};
struct import_progress {
  /// Bytes of a line that the importer keeps in memory until the next piece.
  std::size_t held_bytes = 0;
  /// What became of all of it. Null before the last piece, unless the import broke off: that is its last
  /// error then.
  std::shared_ptr<const import_report> report;
};

struct stage_slice {
  /// Handed over.
  std::shared_ptr<stage_op> op;
};
struct slice_staged {
  session_key session = 0;
  /// Not empty: an earlier event of the session has this id, and nothing of the slice was written.
  std::string repeated_id;
};
struct publish_session {
  std::shared_ptr<publish_op> op;
};
struct session_published {};
struct drop_staged {
  session_key session = 0;
};

}  // namespace sandbase
