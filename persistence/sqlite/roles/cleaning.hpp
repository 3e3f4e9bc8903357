// SPDX-License-Identifier: Apache-2.0
// Removing what is no longer needed, in small steps: journal rows that segments hold, what deleted sessions
// left, old records. These steps are not synced by themselves: a step lost in a power cut is done again.
#pragma once

#include "persistence/event_store.hpp"
#include "persistence/sqlite/sql/connection.hpp"

namespace sandbase::sqlite {

/// event_store::trim
trim_report trim_journal(connection& db, journal_row before, std::size_t max_bytes);

/// event_store::sweep
bool sweep_leftovers(connection& db, timestamp now);

}  // namespace sandbase::sqlite
