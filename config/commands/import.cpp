// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/import_source.hpp"
#include "config/commands/progress_bar.hpp"
#include "config/commands/session_comparer.hpp"
#include "config/commands/session_writer.hpp"
#include "config/commands/tool.hpp"

#include <cstdio>
#include <map>

namespace sandbase {
namespace {

constexpr std::string_view default_workspace = "default";
constexpr seq_t events_between_updates = 256;
/// Longer than any event that some server can have taken (event.max_bytes goes up to 64 MiB), white space and
/// escapes between its tokens included. Only what a line has is held in memory.
constexpr std::size_t max_line = 512 * server_options::mib;

struct import_report {
  std::uint64_t imported_sessions = 0;
  std::uint64_t imported_events = 0;
  std::uint64_t skipped_sessions = 0;
  std::uint64_t skipped_events = 0;
};

class importer {
 public:
  importer(store_admin& store, import_source& source, std::optional<std::string> workspace)
      : store_(store),
        source_(source),
        workspace_(std::move(workspace)),
        bar_(source.lines().total_bytes()) {}

  /// Up to the end or the first failure; what was imported before it stays.
  result<void> run() {
    auto done = all_sessions();
    const auto durable = store_.flush();
    if (durable) return done;
    report_ = {};
    return durable;
  }

  const import_report& report() const { return report_; }
  double seconds() const { return bar_.elapsed().count(); }

 private:
  result<void> all_sessions() {
    for (;;) {
      auto header = source_.next_header();
      if (!header) return std::move(header).error();
      if (!*header) return {};
      if (auto done = session(**std::move(header)); !done) return done;
    }
  }

  result<void> session(header_line header) {
    const auto number = header.number;
    const auto workspace = workspace_of(header.header);
    const auto id = header.header.definition.id;
    auto target = store_.begin_import(workspace, id);
    if (!target && target.error().code == errc::conflict) return compare(workspace, header);
    if (!target) return at_line(number, target.error());

    session_writer writer{*std::move(target), std::move(header), system_now()};
    for (;;) {
      const auto line = source_.next_event();
      if (!line) return line.error();
      if (!*line) break;
      if (auto added = writer.add(**line); !added) return added;
      if (writer.events() % events_between_updates == 0) show(writer.events());
    }
    if (auto finished = writer.finish(); !finished) return finished;
    ++report_.imported_sessions;
    report_.imported_events += writer.events();
    show(0);
    return {};
  }

  result<void> compare(const std::string& workspace, const header_line& header) {
    auto stored = find_stored(workspace, header.header.definition.id);
    if (!stored) return at_line(header.number, stored.error());
    const auto events = compare_session(store_, *stored, header, source_);
    if (!events) return events.error();
    ++report_.skipped_sessions;
    report_.skipped_events += *events;
    show(0);
    return {};
  }

  result<session_row> find_stored(const std::string& workspace, const std::string& id) {
    const auto workspaces = store_.list_workspaces();
    if (!workspaces) return workspaces.error();
    auto rows = store_.find_sessions(id);
    if (!rows) return std::move(rows).error();
    for (auto& row : *rows)
      for (const auto& known : *workspaces)
        if (known.name == workspace && known.key == row.workspace) return std::move(row);
    return {errc::not_found, "session " + id + " was there a moment ago and is not any more"};
  }

  std::string workspace_of(const imported_header& header) const {
    if (workspace_) return *workspace_;
    return header.workspace.empty() ? std::string{default_workspace} : header.workspace;
  }

  void show(seq_t events_in_work) {
    bar_.update(source_.lines().bytes_read(),
                report_.imported_events + report_.skipped_events + events_in_work);
  }

  store_admin& store_;
  import_source& source_;
  std::optional<std::string> workspace_;
  import_report report_;
  progress_bar bar_;
};

void print_summary(const import_report& report, double seconds) {
  const auto n = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  const auto events = static_cast<double>(report.imported_events + report.skipped_events);
  std::fprintf(stderr,
               "Imported %llu sessions with %llu events, skipped %llu with %llu (already there), in %.2f s "
               "(%.0f events/s).\n",
               n(report.imported_sessions), n(report.imported_events), n(report.skipped_sessions),
               n(report.skipped_events), seconds, events / std::max(seconds, 1e-3));
}

}  // namespace

int run_import(const import_command& command, const server_options& options) {
  auto lines = line_reader::open(command.file, max_line);
  if (!lines) return report(lines.error(), exit_refused);
  auto store = open_for_command(options, true, "import");
  if (!store) return report(store.error(), exit_refused);

  import_source source{*std::move(lines)};
  result<void> done;
  import_report counts;
  double seconds = 0;
  {
    importer work{*store->admin, source, command.workspace};
    done = work.run();
    counts = work.report();
    seconds = work.seconds();
  }
  if (!done) {
    auto error = done.error();
    error.message.insert(0, (command.file == "-" ? "stdin" : command.file) + ", ");
    report(error, exit_failed);
  }
  print_summary(counts, seconds);
  return done ? exit_ok : exit_failed;
}

}  // namespace sandbase
