// SPDX-License-Identifier: Apache-2.0
// What the next programs will have made of the tables, as far as this one has to get along with it: made up.
// SANDBASE_STEPS: how many versions further.
#include "persistence/postgres/tables/migrations.hpp"

#include <array>
#include <cstddef>

namespace sandbase::postgres {

namespace {

constexpr auto own_version = static_cast<std::int64_t>(migrations.size());

// In tables whose statements the programs before it have prepared.
constexpr const char* adds = R"sql(
ALTER TABLE tips ADD COLUMN colour BIGINT NOT NULL DEFAULT 0;
ALTER TABLE journal ADD COLUMN colour BIGINT NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN colour BIGINT NOT NULL DEFAULT 0;
CREATE TABLE colours(id BIGINT PRIMARY KEY);
)sql";
constexpr const char* takes_away = R"sql(
DROP TABLE colours;
ALTER TABLE nodes DROP COLUMN colour;
ALTER TABLE journal DROP COLUMN colour;
ALTER TABLE tips DROP COLUMN colour;
)sql";
constexpr std::array made_up = {migration{adds, own_version}, migration{takes_away, own_version + 1}};
static_assert(SANDBASE_STEPS > 0 && SANDBASE_STEPS <= made_up.size());

constexpr auto extended() {
  std::array<migration, migrations.size() + SANDBASE_STEPS> all{};
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = i < migrations.size() ? migrations[i] : made_up[i - migrations.size()];
  return all;
}

constexpr auto all = extended();

}  // namespace

constinit const table_history own_history{all};

}  // namespace sandbase::postgres
