// SPDX-License-Identifier: Apache-2.0
// Rebuilding the end of a log from what the store holds: the header as
// of the last event, and the unsealed blocks.
#pragma once

#include "events/log/log_block.hpp"
#include "persistence/records.hpp"

#include <span>
#include <vector>

namespace sandbase {

struct recovered_log {
  /// Progress as of the last event.
  session_header header;
  /// Behind row.sealed_seq, of about sealed_block_bytes each.
  std::vector<log_block_ptr> unsealed;
};

/// `unsealed`: the journal's events behind `row.sealed_seq`, in order. `corrupt` if they do not continue the
/// log or its hash chain. Any thread.
result<recovered_log> recover_log(const session_row& row, std::span<const journal_event> unsealed);

}  // namespace sandbase
