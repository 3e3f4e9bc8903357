// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/tool.hpp"

#include <cstdio>
#include <fmt/core.h>

namespace sandbase {

int run_migrate(const server_options& options) {
  const auto done = migrate_store(options.store, true);
  if (!done) return report(done.error(), exit_refused);
  if (done->from == done->to)
    fmt::print(stderr, "The store has schema version {} already.\n", done->to);
  else if (done->from == 0)
    fmt::print(stderr, "The store is made, with schema version {}.\n", done->to);
  else
    fmt::print(stderr, "The store had schema version {} and has {} now.\n", done->from, done->to);
  return exit_ok;
}

}  // namespace sandbase
