// SPDX-License-Identifier: Apache-2.0
// Keeps what is known of all sessions up to date, in a thread of its own: by the stream of all sessions, or
// where the service has none by looking at List Sessions each second.
#pragma once

#include "config/client/live_sessions.hpp"
#include "config/client/service_client.hpp"
#include "config/client/sse_reader.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace sandbase {

class session_watch {
 public:
  struct state {
    live_sessions sessions;
    /// How the service is reached, or why it is not.
    std::string note;
    /// Nothing will change any more: the key is refused, for example.
    std::optional<failure> ended;
    /// Grows with each change.
    std::size_t version = 0;
  };

  /// `limit`: sessions to begin with. `client` must outlive this.
  session_watch(service_client& client, std::size_t limit);
  /// Ends the thread, and the client with it.
  ~session_watch();
  session_watch(const session_watch&) = delete;
  session_watch& operator=(const session_watch&) = delete;

  state look() const;

 private:
  void run();
  /// One connection to the stream; nothing: the service has no such stream.
  std::optional<failure> follow_once();
  void poll();
  result<void> poll_once();
  void take(const sse_frame& frame);
  /// Shows what has come since the connection was made instead of what was there.
  void show_anew();
  void note(const std::string& text);
  void end(const failure& why);
  bool stops() const { return client_.link().is_aborted(); }

  service_client& client_;
  std::size_t limit_;
  mutable std::mutex mutex_;
  state shown_;
  /// Used by the thread alone: what a new connection tells, until it has told all.
  live_sessions coming_;
  bool is_caught_up_ = false;
  std::optional<failure> closing_;
  std::size_t losses_ = 0;
  std::thread thread_;
};

}  // namespace sandbase
