// SPDX-License-Identifier: Apache-2.0
// Import and export over HTTP.
#include "actors/transfer/importer.hpp"
#include "events/json/json_writer.hpp"
#include "http/api/admission.hpp"
#include "http/api/api.hpp"
#include "persistence/transfer/transfer_line.hpp"

#include <caf/send.hpp>

namespace sandbase {

namespace {

/// The longest line: an event as large as event.max_bytes can let any server take one, and what stands around
/// it.
constexpr std::size_t max_import_line = 65 * std::size_t{1024} * 1024;
/// What an import holds in memory at any time: a piece, and a slice on its way to the store.
constexpr std::size_t import_bytes = importer::slice_bytes + 256 * 1024;

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

void import_on(call& c, const importer_actor& to) {
  c.next_piece([&c, to](body_piece piece) {
    const import_piece next{std::make_shared<const std::string>(std::move(piece.bytes)), piece.is_last};
    c.ask<import_progress>(to, next, [&c, to](const result<import_progress>& done) {
      if (!done) return c.fail(done.error());
      if (done->report) return c.answer(render_report(*done->report));
      if (auto room = lease_body(*c.current().lease, import_bytes + done->held_bytes); !room) {
        caf::anon_send_exit(to, caf::exit_reason::user_shutdown);
        return c.fail(room.error());
      }
      import_on(c, to);
    });
  });
}

}  // namespace

void import_sessions_call(call& c) {
  if (auto room = lease_body(*c.current().lease, import_bytes); !room) return c.fail(room.error());
  importer_arguments with;
  with.workspace = c.current().key->workspace;
  with.directory = c.shared().actors.directory;
  with.journal = c.shared().actors.journal;
  with.clock = c.shared().actors.clock;
  with.max_line = max_import_line;
  import_on(c, c.spawn_on_worker<importer>(std::move(with)));
}

void export_session_call(call& c) {
  c.ask_current_session<session_view>(describe_request{}, [&c](const result<session_view>& view) {
    if (!view) return c.fail(view.error());
    stream_job job;
    if (auto good = take_place(c, job); !good) return c.fail(good.error());
    const auto& header = *view->header;
    job.exported = export_plan{render_header_line(header, c.current().key->workspace_name, c.shared().now()),
                               header.progress.tip.last_seq};
    c.stream(std::move(job));
  });
}

}  // namespace sandbase
