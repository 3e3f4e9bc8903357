// SPDX-License-Identifier: Apache-2.0
// Reads the events of a session over any number of connections: each stored event once and in order.
#pragma once

#include "config/client/service_client.hpp"
#include "config/client/sse_reader.hpp"
#include "events/base/result.hpp"
#include "events/json/json_text.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sandbase {

struct tail_plan {
  std::string session;
  /// Parameters of Stream Events that hold for every connection: `follow`, `until`, `types`, …
  query_parameters parameters;
  /// Those that only count until there is an id to go on behind: `tail`, `after`.
  query_parameters where_to_begin;
  /// Come again as long as it takes, once it was connected; else only as often as a call is tried.
  bool for_ever = false;
};

/// Who is told of what comes. A call that fails ends the reading with that failure.
struct follow_handlers {
  /// A stored event: its JSON, checked.
  std::function<result<void>(const json::value& event)> event;
  /// `event_start` or `event_delta`. May be empty.
  std::function<result<void>(const json::value& preview)> preview = {};
  /// The connection was lost for this reason, and is made anew. May be empty.
  std::function<void(const std::string& why)> lost = {};
};

/// How one frame moves a reader on; without I/O.
class follow_cursor {
 public:
  enum class step : std::uint8_t {
    /// Nothing for anybody.
    none,
    event,
    preview,
    /// `[DONE]`.
    done,
    /// The service ends this connection, and says when to come again.
    closing,
    /// It failed: look at why().
    failed,
  };

  step take(const sse_frame& frame);
  /// What the last event or preview is. @pre take() returned `event` or `preview`
  json::value value() const { return json::value{text_}; }
  /// @pre take() returned `failed` or `closing`
  const failure& why() const { return why_; }

  /// Behind which to go on; empty: nothing came yet.
  const std::string& last_id() const { return last_id_; }
  std::chrono::milliseconds retry() const { return retry_; }

 private:
  step take_error(const std::string& data);

  std::string text_;
  std::string last_id_;
  std::chrono::milliseconds retry_{std::chrono::seconds{1}};
  failure why_;
};

/// How long to wait for the connection after `losses` that brought nothing: what the service asked for, then
/// twice as long each time, at most 30 s. `share`: 0 to 1, so that not all come at once.
std::chrono::milliseconds reconnect_delay(std::size_t losses, std::chrono::milliseconds retry, double share);

/// Reads until `[DONE]`, or until something forbids to go on.
result<void> follow_events(service_client& client, const tail_plan& plan, const follow_handlers& handlers);

}  // namespace sandbase
