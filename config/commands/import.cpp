// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/input.hpp"
#include "config/commands/progress_bar.hpp"
#include "config/commands/tool.hpp"
#include "persistence/transfer/offline_import.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fmt/core.h>
#include <string>

namespace sandbase {
namespace {

/// Longer than any event that some server can have taken (event.max_bytes goes up to 64 MiB), white space and
/// escapes between its tokens included. Only what a line has is held in memory.
constexpr std::size_t max_line = 512 * server_options::mib;
/// Shown at the end; the others are counted.
constexpr std::size_t max_errors = 1000;

/// Up to the end, or to what ends the import. `kept`: whether what it tells of is in the store.
result<void> import_all(input& from, offline_import& to, bool& kept) {
  progress_bar bar{from.total_bytes()};
  const auto give_up = [&](const failure& why) {
    kept = static_cast<bool>(to.give_up());
    return why;
  };
  constexpr std::chrono::milliseconds nap{200};
  while (!to.is_done()) {
    do
      if (auto rested = to.rest(); !rested) return give_up(rested.error());
    while (!from.is_ready_within(nap));
    const auto bytes = from.read();
    if (!bytes) return give_up(bytes.error());
    if (bytes->empty()) break;
    if (auto taken = to.feed(*bytes, system_now()); !taken) return give_up(taken.error());
    bar.update(from.bytes_read(), to.events());
  }
  auto done = to.finish(system_now());
  if (!done) return give_up(done.error());
  return done;
}

void print_errors(const import_report& report, const std::string& file) {
  for (const auto& error : report.errors) {
    const auto session = error.session.empty() ? "" : fmt::format(", session {}", error.session);
    fmt::print(stderr, "sandbase-events: {}, line {}{}: {}\n", file, error.line, session, error.message);
  }
  if (report.failed > report.errors.size())
    fmt::print(stderr, "sandbase-events: {}: {} more are not shown\n", file,
               report.failed - report.errors.size());
}

void print_summary(const import_report& report, double seconds) {
  const auto events = static_cast<double>(report.events + report.skipped_events);
  fmt::print(stderr,
             "Imported {} sessions with {} events, skipped {} with {} (already there), in {:.2f} s ({:.0f} "
             "events/s).\n",
             report.sessions, report.events, report.skipped_sessions, report.skipped_events, seconds,
             events / std::max(seconds, 1e-3));
  if (report.failed > 0) fmt::print(stderr, "Not imported: {}.\n", report.failed);
}

}  // namespace

int run_import(const import_command& command, const server_options& options) {
  auto from = input::open(command.file);
  if (!from) return report(from.error(), exit_refused);
  auto store = open_for_command(options, store_use::make, "import");
  if (!store) return report(store.error(), exit_refused);

  import_options how;
  how.workspace = command.workspace;
  how.stop_at_first = command.stop_at_first;
  how.max_line = max_line;
  how.max_errors = max_errors;
  const auto begun = std::chrono::steady_clock::now();
  offline_import work{*store->admin, std::move(how)};
  bool kept = true;
  const auto done = import_all(*from, work, kept);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;

  print_errors(work.report(), from->name());
  if (!done) report(done.error(), exit_failed);
  if (kept) print_summary(work.report(), took.count());
  return done && work.report().failed == 0 ? exit_ok : exit_failed;
}

}  // namespace sandbase
