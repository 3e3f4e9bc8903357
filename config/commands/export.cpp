// SPDX-License-Identifier: Apache-2.0
#include "config/commands/commands.hpp"
#include "config/commands/output.hpp"
#include "config/commands/tool.hpp"
#include "events/json/json_writer.hpp"

#include <algorithm>
#include <cstdio>

namespace sandbase {
namespace {

constexpr std::size_t slice_bytes = 1024 * 1024;

class exporter {
 public:
  exporter(store_admin& store, output& out) : store_(store), out_(out) {}

  result<void> all(const std::optional<std::string>& workspace) {
    auto done = expect_workspace(store_, workspace);
    if (!done) return done;
    const auto listed = store_.each_session(workspace, [&](const session_row& row, std::string_view name) {
      done = session(row, name);
      return static_cast<bool>(done);
    });
    return listed ? done : listed;
  }

  result<void> one(const std::string& id, const std::optional<std::string>& workspace) {
    const auto workspaces = store_.list_workspaces();
    if (!workspaces) return workspaces.error();
    const auto rows = store_.find_sessions(id);
    if (!rows) return rows.error();
    std::vector<std::pair<const session_row*, std::string_view>> found;
    for (const auto& row : *rows)
      for (const auto& known : *workspaces)
        if (known.key == row.workspace && known.name == workspace.value_or(known.name))
          found.emplace_back(&row, known.name);
    if (found.empty())
      return {errc::not_found,
              "there is no session " + id + (workspace ? " in workspace " + *workspace : "")};
    if (found.size() > 1)
      return {errc::invalid, "several workspaces have a session " + id + ": name one with --workspace"};
    return session(*found.front().first, found.front().second);
  }

  std::uint64_t sessions() const { return sessions_; }
  std::uint64_t events() const { return events_; }

 private:
  result<void> session(const session_row& row, std::string_view workspace) {
    std::string header;
    json::object_writer line{header};
    line.raw("session", render_session(row.header, system_now(), secrets::shown));
    line.text("workspace", workspace);
    line.close();
    auto written = out_.write(header + "\n");

    // Beside a running server more may have come since the row was read: the
    // header's `log` says where to end.
    const auto end = row.header.progress.tip.last_seq;
    seq_t last = 0;
    if (written && end != 0) {
      const auto read = store_.each_slice(row.key, 0, slice_bytes, [&](const log_slice& slice) {
        for (const auto& span : slice.spans)
          for (auto seq = span.first; written && seq <= std::min(span.last, end); ++seq) {
            written = out_.write(event_line(span.block->json(seq)));
            last = seq;
          }
        return written && last < end;
      });
      if (!read) return read;
    }
    if (!written) return written;
    if (last != end)
      return {errc::not_found, "session " + row.header.definition.id + " was deleted during the export"};
    ++sessions_;
    events_ += end;
    return {};
  }

  static std::string event_line(std::string_view json) {
    constexpr std::string_view before = "{\"event\":";
    std::string line;
    line.reserve(before.size() + json.size() + 2);
    return line.append(before).append(json).append("}\n");
  }

  store_admin& store_;
  output& out_;
  std::uint64_t sessions_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace

int run_export(const export_command& command, const server_options& options) {
  auto store = open_for_command(options, false);
  if (!store) return report(store.error(), exit_refused);
  auto out = command.output.empty() ? result<output>{output::to_stdout()} : output::to_file(command.output);
  if (!out) return report(out.error(), exit_refused);

  exporter work{*store->admin, *out};
  auto done =
      command.session.empty() ? work.all(command.workspace) : work.one(command.session, command.workspace);
  // What was written is complete lines in any case.
  auto finished = out->finish();
  if (done) done = std::move(finished);
  if (!done) return report(done.error(), exit_failed);
  std::fprintf(stderr, "Exported %llu sessions with %llu events.\n",
               static_cast<unsigned long long>(work.sessions()),
               static_cast<unsigned long long>(work.events()));
  return exit_ok;
}

}  // namespace sandbase
