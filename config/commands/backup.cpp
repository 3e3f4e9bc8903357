// SPDX-License-Identifier: Apache-2.0
#include "config/commands/checking.hpp"
#include "config/commands/commands.hpp"
#include "config/commands/progress_bar.hpp"
#include "config/commands/tool.hpp"

#include <cstdio>

namespace sandbase {
namespace {

result<backup_report> copy_store(store_backend& store, const std::string& target) {
  std::optional<progress_bar> bar;
  return store.backup(target, [&](std::uint64_t done, std::uint64_t total) {
    if (!bar) bar.emplace(total);
    bar->update(done);
  });
}

/// Whether nothing was done yet.
bool is_refusal(errc code) { return code == errc::conflict || code == errc::invalid; }

int check_copy(const server_options& options, const std::string& url) {
  auto of_copy = options;
  of_copy.store = {url};
  auto copy = open_for_command(of_copy, store_use::read);
  if (!copy) return report(copy.error(), exit_failed);
  return check_and_tell(*copy->admin);
}

}  // namespace

int run_backup(const backup_command& command, const server_options& options) {
  auto store = open_backend(options.store, false);
  if (!store) return report(store.error(), exit_refused);

  const auto start = std::chrono::steady_clock::now();
  const auto copy = copy_store(**store, command.target);
  if (!copy) return report(copy.error(), is_refusal(copy.error().code) ? exit_refused : exit_failed);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::fprintf(stderr, "Copied %s to %s in %.2f s.\n", render_bytes(static_cast<double>(copy->bytes)).c_str(),
               command.target.c_str(), seconds.count());
  return command.check ? check_copy(options, copy->url) : exit_ok;
}

}  // namespace sandbase
