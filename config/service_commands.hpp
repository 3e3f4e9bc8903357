// SPDX-License-Identifier: Apache-2.0
// What the commands that talk to a running service ask for, as values.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sandbase {

/// Sessions of the key's workspace, by what narrows List Sessions.
struct find_sessions_command {
  /// Name and value of query parameters, as the API has them.
  std::vector<std::pair<std::string, std::string>> filters;
  /// Nothing: all of them.
  std::optional<std::size_t> limit;
  bool as_json = false;
};
struct show_session_command {
  std::string session;
  bool as_json = false;
};
struct create_session_command {
  std::string agent;
  std::string environment;
  std::optional<std::string> title;
  std::vector<std::pair<std::string, std::string>> metadata;
  /// The first user.message.
  std::optional<std::string> message;
  bool as_json = false;
};
struct update_session_command {
  std::string session;
  std::optional<std::string> title;
  std::vector<std::pair<std::string, std::string>> metadata;
  /// Names to be removed from the metadata.
  std::vector<std::string> unset;
};
struct archive_session_command {
  std::string session;
};
struct delete_session_command {
  std::string session;
  /// Without asking.
  bool confirmed = false;
};
struct send_command {
  std::string session;
  /// The text itself; `-`: stdin; `@FILE`: what a file has.
  std::string text;
  /// `text` is a body of Send Events instead.
  bool as_body = false;
  /// Follow until the turn is over and print the answer.
  bool wait = false;
};
struct tail_command {
  std::string session;
  bool follow = false;
  /// So many events before the end; nothing: from the start.
  std::optional<std::size_t> last;
  std::vector<std::string> types;
  bool as_json = false;
};
struct interrupt_command {
  std::string session;
};
/// approve and deny.
struct confirm_command {
  std::string session;
  /// Empty: the one that waits.
  std::string tool_use;
  bool allow = true;
  std::optional<std::string> message;
};
struct send_import_command {
  /// `-`: stdin.
  std::string file;
};
struct fetch_export_command {
  /// Empty: all of the workspace.
  std::string session;
  /// Empty: stdout.
  std::string output;
};
struct top_command {
  std::size_t limit = 100;
};
struct bench_command {
  std::size_t clients = 8;
  std::chrono::milliseconds time{10'000};
  bool as_json = false;
};

}  // namespace sandbase
