// SPDX-License-Identifier: Apache-2.0
#include "config/commands/checking.hpp"
#include "config/commands/commands.hpp"
#include "config/commands/output.hpp"
#include "config/commands/tool.hpp"

#include <cstdio>

namespace sandbase {

int check_and_tell(store_admin& store) {
  auto out = output::to_stdout();
  result<void> written;
  const auto report_problem = [&](const std::string& problem) {
    if (written) written = out.write(problem + "\n");
  };
  const auto found = store.check(report_problem);
  if (!found) return report(found.error(), exit_failed);
  if (written) written = out.finish();
  if (!written) return report(written.error(), exit_failed);

  std::fprintf(stderr, "Checked %lld sessions with %lld events: %lld problems.\n",
               static_cast<long long>(found->sessions), static_cast<long long>(found->events),
               static_cast<long long>(found->problems));
  return found->problems == 0 ? exit_ok : exit_failed;
}

int run_check(const server_options& options) {
  auto store = open_for_command(options, store_use::read);
  if (!store) return report(store.error(), exit_refused);
  return check_and_tell(*store->admin);
}

}  // namespace sandbase
