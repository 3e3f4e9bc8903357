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
constexpr std::size_t max_named = 100;

}  // namespace

store_export::store_export(store_admin& store, line_sink sink, timestamp now)
    : store_(store), sink_(std::move(sink)), now_(now) {}

result<void> store_export::all(const std::optional<std::string>& workspace) {
  result<void> done;
  const auto listed = store_.each_session(workspace, [&](const session_row& row, std::string_view name) {
    auto written = session(row, name);
    if (!written) {
      done = std::move(written).error();
    } else if (*written == ending::cut_short) {
      ++cut_short_;
      if (cut_short_sessions_.size() < max_named) cut_short_sessions_.push_back(row.header.definition->id);
    }
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
  const auto written = session(*found.front().first, found.front().second);
  if (!written) return written.error();
  if (*written == ending::whole) return {};
  return {errc::not_found, fmt::format("session {} was deleted during the export", id)};
}

/// Beside a running server more may have come since the row was read: the header's `log` says where to end.
/// The header waits for the first events, so that a session that is gone by now leaves no line.
result<store_export::ending> store_export::session(const session_row& row, std::string_view workspace) {
  const auto end = row.header.progress.tip.last_seq;
  const auto write_header = [&] { return sink_(render_header_line(row.header, workspace, now_)); };
  seq_t last = 0;
  auto written = end == 0 ? write_header() : result<void>{};
  std::string lines;
  const auto take = [&](const log_slice& slice) {
    if (slice.first_seq() != last + 1) return false;  // what was in between is deleted
    if (last == 0) written = write_header();
    for (const auto& span : slice.spans)
      for (auto seq = span.first; written && seq <= std::min(span.last, end); ++seq) {
        lines.clear();
        append_event_line(lines, *span.block, seq);
        written = sink_(lines);
        last = seq;
      }
    return written && last < end;
  };
  if (end != 0)
    if (const auto read = store_.each_slice(row.key, 0, slice_bytes, take); !read) return read.error();
  if (!written) return written.error();
  if (last != end) {
    const auto& id = row.header.definition->id;
    const auto rows = store_.find_sessions(id);
    if (!rows) return rows.error();
    if (std::ranges::any_of(*rows, [&](const session_row& other) { return other.key == row.key; }))
      return {errc::corrupt, fmt::format("session {}: there is no event behind {} of {}", id, last, end)};
    return last == 0 ? ending::gone : ending::cut_short;
  }
  ++sessions_;
  events_ += end;
  return ending::whole;
}

}  // namespace sandbase
