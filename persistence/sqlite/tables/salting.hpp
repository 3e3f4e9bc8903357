// SPDX-License-Identifier: Apache-2.0
// Moving stores from before hash chains had salts: every event gets one, and all heads are computed anew.
#pragma once

#include "persistence/sqlite/sql/connection.hpp"

namespace sandbase::sqlite {

/// Gives salts to what stands in `segments` and, from `unsalted_journal` into `journal`, to what is unsealed;
/// writes the heads of headers to fit. Logs are verified on the way by the chain that they had: what does not
/// fit that stays as it is, and is found damaged by whoever reads it. Holds one segment in memory, and a few
/// numbers for each session with unsealed events. @pre inside a transaction
void salt_logs(connection& db);

}  // namespace sandbase::sqlite
