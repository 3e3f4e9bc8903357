// SPDX-License-Identifier: Apache-2.0
// The heads of answers, and errors as clients see them.
#pragma once

#include "events/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// What goes into the head of an answer.
struct response_head {
  int status = 200;
  /// Empty: none.
  std::string_view content_type = "application/json";
  /// Most answers are one key's own, and a shared cache cannot tell: it has no sign of that in an
  /// `x-api-key`.
  std::string_view cache_control = "no-store";
  std::string_view request_id;
  /// Further lines, each with its CRLF.
  std::string_view extra;
  /// Empty: chunked, or up to the end of the connection.
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  /// The connection ends behind this answer.
  bool close = false;
  /// Of the request.
  bool http11 = true;
};

/// Appends status line and headers with the blank line behind them.
void append_head(std::string& out, const response_head& head);

/// An error as it is shown.
struct error_reply {
  int status = 500;
  std::string_view type = "api_error";
  std::string message;
  /// Headers that belong to it, each with its CRLF.
  std::string lines;
};

/// An error with a status that no failure has: 405, 414, 415, 431 or 501. Its type and lines follow from the
/// status.
error_reply error_with_status(int status, std::string message);

/// The status and the words for a failure; those of our own faults say nothing internal.
error_reply to_reply(const failure& f);

/// `{"type":"error","error":{…},"request_id":…}`
std::string render_error(const error_reply& reply, std::string_view request_id);

}  // namespace sandbase
