// SPDX-License-Identifier: Apache-2.0
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

#include <string>

namespace sandbase::sqlite {

/// Writes the write-ahead log of the database at `path`, if there is one, over itself and syncs it. For who
/// comes first to a store, before it opens a connection of its own: SQLite then finds out from the renewed
/// log what was committed. Others may read meanwhile; writers wait. A database that cannot be written is left
/// alone. Throws `io_failed`, after which the log is not to be believed, and `unavailable`.
void renew_log(const std::string& path);

}  // namespace sandbase::sqlite
