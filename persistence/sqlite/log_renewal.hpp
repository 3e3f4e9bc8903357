// What a dead process left in the write-ahead log is made durable before anything is built on it.
//
// A sync that failed leaves the log's last transaction in the kernel's cache, marked as written, while the
// disk may have none of it. The process ends with such a failure; the next one, on the same machine, reads
// the cache and takes the transaction for stored. What it commits then stands behind frames that a power cut
// removes, and goes with them: SQLite reads a log up to the first frame that does not fit. A checkpoint that
// is cut off is worse, it has already put half of such a transaction into the database.
//
// Writing the same bytes again makes the pages dirty, so that the next sync stores them or says that it could
// not. Bytes that are durable already are not put at risk: each commit does the same to the page of the log's
// file that it begins in ("powersafe overwrite", https://www.sqlite.org/psow.html).
#pragma once

#include "persistence/sqlite/connection.hpp"

namespace sandbase::sqlite {

/// Writes the write-ahead log, if there is one, over itself and syncs it. For the first writer of a process,
/// before its first commit or checkpoint; others may read and write meanwhile, writers wait. From then on
/// `db` moves the log into the database if it closes as the last connection. Throws `io_failed`, after which
/// the log is not to be believed, and `unavailable`.
void renew_log(connection& db);

}  // namespace sandbase::sqlite
