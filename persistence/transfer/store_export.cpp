// SPDX-License-Identifier: Apache-2.0
#include "persistence/transfer/store_export.hpp"

#include "persistence/transfer/transfer_line.hpp"

#include <algorithm>
#include <fmt/core.h>
#include <utility>
#include <vector>

namespace sandbase {
namespace {

constexpr std::size_t slice_bytes = 1024 * 1024;

}  // namespace

store_export::store_export(store_admin& store, line_sink sink, timestamp now)
    : store_(store), sink_(std::move(sink)), now_(now) {}

result<void> store_export::all(const std::optional<std::string>& workspace) {
  result<void> done;
  const auto listed = store_.each_session(workspace, [&](const session_row& row, std::string_view name) {
    done = session(row, name);
    return static_cast<bool>(done);
  });
  return listed ? done : listed;
}

result<void> store_export::one(const std::string& id, const std::optional<std::string>& workspace) {
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
    return {errc::not_found, workspace ? fmt::format("there is no session {} in workspace {}", id, *workspace)
                                       : fmt::format("there is no session {}", id)};
  if (found.size() > 1)
    return {errc::invalid,
            fmt::format("several workspaces have a session {}: name one with --workspace", id)};
  return session(*found.front().first, found.front().second);
}

result<void> store_export::session(const session_row& row, std::string_view workspace) {
  auto written = sink_(render_header_line(row.header, workspace, now_));

  // Beside a running server more may have come since the row was read: the header's `log` says where to end.
  const auto end = row.header.progress.tip.last_seq;
  seq_t last = 0;
  std::string lines;
  if (written && end != 0) {
    const auto read = store_.each_slice(row.key, 0, slice_bytes, [&](const log_slice& slice) {
      for (const auto& span : slice.spans)
        for (auto seq = span.first; written && seq <= std::min(span.last, end); ++seq) {
          lines.clear();
          append_event_line(lines, *span.block, seq);
          written = sink_(lines);
          last = seq;
        }
      return written && last < end;
    });
    if (!read) return read;
  }
  if (!written) return written;
  if (last != end)
    return {errc::not_found,
            fmt::format("session {} was deleted during the export", row.header.definition->id)};
  ++sessions_;
  events_ += end;
  return {};
}

}  // namespace sandbase
