// SPDX-License-Identifier: Apache-2.0
// Erasing the payload of an event, with the append that tells of it.
#pragma once

#include "persistence/operations.hpp"
#include "persistence/postgres/sql/connection.hpp"

namespace sandbase::postgres {

/// One transaction of several round trips. Code none: done. @pre op.erases
failure append_and_erase(connection& db, const append_op& op);

/// Gives the room of rows that are gone back to the table. Appends go on meanwhile. Nothing, if the role does
/// not own the tables.
void vacuum_journal(connection& db);

/// The same for what was erased, which stands on the server's pages until they are vacuumed and used again.
/// May take minutes. @returns false if some of it may still be seen by older transactions: then it must be
/// done again
bool vacuum_erased(connection& db);

}  // namespace sandbase::postgres
