// SPDX-License-Identifier: Apache-2.0
// The sessions of a workspace as `top` shows them: what is known of each, and the lines that fit a terminal.
#pragma once

#include "config/terminal/terminal.hpp"
#include "events/base/timestamp.hpp"
#include "events/json/json_text.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sandbase {

struct live_session {
  std::string id;
  std::string status;
  std::string agent;
  std::string title;
  std::int64_t events = 0;
  /// Tool uses that wait for an answer.
  std::int64_t waits = 0;
  timestamp updated_at{};
};

class live_sessions {
 public:
  /// A session object, or a summary of one.
  void put(const json::value& session);
  void remove(const std::string& id) { rows_.erase(id); }
  void clear() { rows_.clear(); }

  std::size_t size() const { return rows_.size(); }
  /// The one that changed last first.
  std::vector<live_session> sorted() const;

 private:
  std::map<std::string, live_session> rows_;
};

/// `3 s`, `5 min`, `2 h`, `4 d`.
std::string render_age(std::chrono::milliseconds age);

/// At most `size.rows` lines of at most `size.columns`: what is going on, how the service is reached
/// (`note`), titles, then sessions.
std::vector<std::string> render_live_sessions(const live_sessions& sessions, const terminal_size& size,
                                              timestamp now, const std::string& note, palette colours);

}  // namespace sandbase
