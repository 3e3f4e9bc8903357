// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/output.hpp"
#include "config/commands/tool.hpp"
#include "persistence/transfer/store_export.hpp"

#include <cstdio>
#include <fmt/core.h>

namespace sandbase {

int run_export(const export_command& command, const server_options& options) {
  auto store = open_for_command(options, store_use::read);
  if (!store) return report(store.error(), exit_refused);
  auto out = command.output.empty() ? result<output>{output::to_stdout()} : output::to_file(command.output);
  if (!out) return report(out.error(), exit_refused);

  store_export work{*store->admin, [&](std::string_view lines) { return out->write(lines); }, system_now()};
  auto done = expect_workspace(*store->admin, command.workspace);
  if (done)
    done =
        command.session.empty() ? work.all(command.workspace) : work.one(command.session, command.workspace);
  // What was written is complete lines in any case.
  auto finished = out->finish();
  if (done) done = std::move(finished);
  for (const auto& id : work.cut_short_sessions())
    fmt::print(stderr, "sandbase-events: session {} was deleted while it was exported: its lines end early\n",
               id);
  if (work.cut_short() > work.cut_short_sessions().size())
    fmt::print(stderr, "sandbase-events: so were {} more\n",
               work.cut_short() - work.cut_short_sessions().size());
  if (!done) return report(done.error(), exit_failed);
  fmt::print(stderr, "Exported {} sessions with {} events.\n", work.sessions(), work.events());
  return work.cut_short() == 0 ? exit_ok : exit_failed;
}

}  // namespace sandbase
