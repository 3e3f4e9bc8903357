// SPDX-License-Identifier: Apache-2.0
// Alone in its file: a program that is linked with an `own_history` of another version takes none of this,
// and is that version in everything.
#include "persistence/postgres/tables/migrations.hpp"

namespace sandbase::postgres {

constinit const table_history own_history{migrations};

}  // namespace sandbase::postgres
