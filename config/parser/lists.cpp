// SPDX-License-Identifier: Apache-2.0
#include "config/parser/parser_frame.hpp"
#include "config/parser/topics.hpp"

namespace sandbase {
namespace {

void add_workspaces(parser_frame& frame) {
  auto& command = frame.keep<list_workspaces_command>();
  auto* workspaces = frame.add_group("workspaces", "Workspaces");
  auto* list = frame.add_tool(*workspaces, "list", "Show all workspaces");
  add_json(*list, command.as_json);
  list->callback([&] { frame.choose(command); });
}

void add_cluster(parser_frame& frame) {
  auto& command = frame.keep<cluster_status_command>();
  auto* cluster = frame.add_group("cluster", "Servers that share a database");
  auto* status = frame.add_tool(*cluster, "status", "Show the servers and what each is at");
  status->add_option("--session", command.session, "Show who writes this session instead")->type_name("ID");
  add_json(*status, command.as_json);
  status->callback([&] { frame.choose(command); });
}

}  // namespace

void add_lists(parser_frame& frame) {
  add_workspaces(frame);
  add_cluster(frame);
}

}  // namespace sandbase
