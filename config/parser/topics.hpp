// SPDX-License-Identifier: Apache-2.0
// The commands by topic: each adds its own to the program, with their options.
#pragma once

namespace sandbase {

class parser_frame;

void add_serve(parser_frame& frame);
void add_keys(parser_frame& frame);
/// import and export.
void add_transfer(parser_frame& frame);
/// check, migrate, backup.
void add_store_care(parser_frame& frame);
/// workspaces, cluster.
void add_lists(parser_frame& frame);
void add_sessions(parser_frame& frame);
/// send, tail, interrupt, approve, deny.
void add_events(parser_frame& frame);
/// top, bench.
void add_watching(parser_frame& frame);
/// completion, man: last, as they tell of all the others.
void add_manual(parser_frame& frame);

}  // namespace sandbase
