// SPDX-License-Identifier: Apache-2.0
#include "config/parser/parser_frame.hpp"
#include "config/parser/topics.hpp"

namespace sandbase {
namespace {

void add_check(parser_frame& frame) {
  auto* sub = frame.add_tool(frame.app(), "check", "Verify the whole store");
  sub->callback([&frame] { frame.choose(check_command{}); });
}

void add_migrate(parser_frame& frame) {
  auto* sub = frame.add_tool(frame.app(), "migrate",
                             "Make the store's tables, or bring them to the version of this program, as "
                             "serve and whatever else writes does at its start");
  sub->callback([&frame] { frame.choose(migrate_command{}); });
}

void add_backup(parser_frame& frame) {
  auto& command = frame.keep<backup_command>();
  auto* sub = frame.add_tool(frame.app(), "backup", "Copy the store, also beside a running server");
  sub->add_option("--to", command.target, "The copy: a file that does not exist yet")
      ->required()
      ->type_name("FILE");
  auto& unchecked = frame.keep<bool>();
  sub->add_flag("--no-check", unchecked, "Do not verify the copy");
  sub->callback([&] {
    if (command.target.empty()) throw CLI::ValidationError{"--to", "name a file"};
    command.check = !unchecked;
    frame.choose(command);
  });
}

}  // namespace

void add_store_care(parser_frame& frame) {
  add_check(frame);
  add_migrate(frame);
  add_backup(frame);
}

}  // namespace sandbase
