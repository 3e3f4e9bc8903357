// SPDX-License-Identifier: Apache-2.0
// Which tool uses of a session wait for leave to go on. The session object tells those that wait for
// anything, a result included; the log has what was asked and answered.
#pragma once

#include "config/client/service_client.hpp"
#include "events/json/json_text.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

struct tool_use {
  std::string id;
  std::string type;
  std::string name;
};

/// Takes a session, then its tool uses and confirmations, the newest first, until it has seen all it needs.
class unconfirmed_uses {
 public:
  explicit unconfirmed_uses(const json::value& session);

  void add(const json::value& event);
  bool is_complete() const { return unseen_ == 0; }
  /// The oldest first. @pre is_complete(), or there are no more events
  const std::vector<tool_use>& found() const { return waiting_; }

 private:
  void remove(std::string_view id);

  std::vector<tool_use> waiting_;
  std::vector<std::string> pending_;
  std::size_t unseen_;
};

result<std::vector<tool_use>> find_unconfirmed(service_client& client, std::string_view session);

}  // namespace sandbase
