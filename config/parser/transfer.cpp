// SPDX-License-Identifier: Apache-2.0
#include "config/parser/parser_frame.hpp"
#include "config/parser/topics.hpp"

namespace sandbase {
namespace {

void add_import(parser_frame& frame) {
  auto& command = frame.keep<import_command>();
  auto& workspace = frame.keep<std::string>();
  auto* sub = frame.add_tool(frame.app(), "import",
                             "Read sessions from JSON lines. A session with a bad line is left out and named "
                             "at the end, with exit code 1; the others are imported");
  sub->add_option("file", command.file, "The file, or - for stdin")->required()->type_name("FILE");
  const auto* into = add_workspace(*sub, workspace, "Import into this workspace, whatever the file says");
  const auto* stop = sub->add_flag("--stop-at-first", command.stop_at_first,
                                   "Import nothing behind the first session with a bad line");
  frame.add_service(*sub);
  sub->callback([&, into, stop] {
    command.workspace = if_given(workspace);
    frame.choose_either({command, send_import_command{command.file}, {into, stop}, {}});
  });
}

void add_export(parser_frame& frame) {
  auto& command = frame.keep<export_command>();
  auto& workspace = frame.keep<std::string>();
  auto* sub =
      frame.add_tool(frame.app(), "export", "Write sessions as JSON lines, also beside a running server");
  auto* session = sub->add_option("session", command.session, "The session's id")->type_name("SESSION");
  auto* all = sub->add_flag("--all", frame.keep<bool>(), "Every session")->excludes(session);
  const auto* of = add_workspace(*sub, workspace, "Only sessions of this workspace");
  sub->add_option("-o,--output", command.output,
                  "Write to this file instead of stdout; a new one can be read by its owner and group only")
      ->type_name("FILE");
  frame.add_service(*sub);
  sub->callback([&, session, all, of] {
    if (session->count() + all->count() == 0)
      throw CLI::ValidationError{"export", "name a session, or say --all"};
    command.workspace = if_given(workspace);
    frame.choose_either({command, fetch_export_command{command.session, command.output}, {of}, {}});
  });
}

}  // namespace

void add_transfer(parser_frame& frame) {
  add_import(frame);
  add_export(frame);
}

}  // namespace sandbase
