// SPDX-License-Identifier: Apache-2.0
// Import and export over HTTP.
#include "actors/transfer/importer.hpp"
#include "events/json/json_writer.hpp"
#include "http/api/admission.hpp"
#include "http/api/api.hpp"
#include "persistence/transfer/transfer_line.hpp"

#include <algorithm>
#include <fmt/core.h>

namespace sandbase {

namespace {

/// The longest line: an event as large as event.max_bytes can let any server take one, and what stands around
/// it.
constexpr std::size_t max_import_line = 65 * std::size_t{1024} * 1024;
/// What an import holds in memory at any time: a piece, and a slice on its way to the store.
constexpr std::size_t import_bytes = importer::slice_bytes + 256 * 1024;
/// A line of so many bytes is a part of that; longer ones come on top of it.
constexpr std::size_t short_line = 64 * 1024;

struct line_limit {
  std::size_t bytes = 0;
  std::string name;
};

/// Longer lines would have to wait for room that never comes.
line_limit longest_line(const http_options& o) {
  line_limit longest{max_import_line, "the limit of imports over HTTP"};
  const auto bound = [&](std::int64_t bytes, std::string_view name) {
    const auto room = std::max(bytes - static_cast<std::int64_t>(import_bytes), std::int64_t{short_line});
    if (static_cast<std::size_t>(room) < longest.bytes)
      longest = {static_cast<std::size_t>(room),
                 fmt::format("{} of {}, less {} that an import needs", name, bytes, import_bytes)};
  };
  bound(o.max_bytes_in, "http.max_bytes_in");
  bound(o.max_bytes_in_per_workspace, "http.max_bytes_in_per_workspace");
  bound(o.max_bytes_in_per_key, "http.max_bytes_in_per_key");
  return longest;
}

std::string render_report(const import_report& report) {
  std::string text;
  json::object_writer out{text};
  out.number("sessions", static_cast<std::int64_t>(report.sessions));
  out.number("events", static_cast<std::int64_t>(report.events));
  out.number("skipped", static_cast<std::int64_t>(report.skipped_sessions));
  json::append_array(out.member_name("errors"), report.errors, [&](const import_error& e) {
    json::object_writer o{text};
    o.number("line", static_cast<std::int64_t>(e.line));
    o.text_or_null("session", e.session.empty() ? std::nullopt : std::optional{e.session});
    o.text("message", e.message);
    o.close();
  });
  out.close();
  return text;
}

void import_next(call& c, const importer_actor& to);

void import_piece_of(call& c, const importer_actor& to, const import_piece& next) {
  c.ask<import_progress>(to, next, [&c, to](const result<import_progress>& done) {
    if (!done) return c.fail(done.error());
    if (done->report) {
      c.refuse_rest();
      return c.answer(render_report(*done->report));
    }
    const auto line = done->held_bytes > short_line ? done->held_bytes : 0;
    if (auto room = lease_body(*c.current().lease, import_bytes + line); !room)
      return import_piece_of(c, to, {nullptr, false, room.error()});
    import_next(c, to);
  });
}

void import_next(call& c, const importer_actor& to) {
  c.next_piece([&c, to](body_piece piece) {
    import_piece_of(c, to, {std::make_shared<const std::string>(std::move(piece.bytes)), piece.is_last});
  });
}

}  // namespace

void import_sessions_call(call& c) {
  if (c.shared().actors.is_edge)
    return c.fail(failure{errc::unavailable, "this server has no store: import at one that has"});
  if (auto room = lease_body(*c.current().lease, import_bytes); !room) return c.fail(room.error());
  importer_arguments with;
  with.workspace = c.current().key->workspace;
  with.directory = c.shared().actors.directory;
  const auto& journals = c.shared().actors.journals;
  with.journal = journals[c.shard().next_journal++ % journals.size()];
  with.board = c.shared().actors.board;
  with.clock = c.shared().actors.clock;
  auto longest = longest_line(c.shared().options);
  with.max_line = longest.bytes;
  with.max_line_name = std::move(longest.name);
  import_next(c, c.spawn_on_worker<importer>(std::move(with)));
}

void export_session_call(call& c) {
  c.ask_current_session<session_view>(describe_request{}, [&c](const result<session_view>& view) {
    if (!view) return c.fail(view.error());
    stream_job job;
    if (auto good = take_place(c, job); !good) return c.fail(good.error());
    const auto& header = *view->header;
    job.exported = export_plan{render_header_line(header, c.current().key->workspace_name, c.shared().now()),
                               header.progress.tip.last_seq};
    job.start.log = view->log;
    c.stream(std::move(job));
  });
}

}  // namespace sandbase
