// SPDX-License-Identifier: Apache-2.0
// Lines of the process's log that tell something with its particulars: what happened, then named fields. In
// the text format they stand as `name=value` behind the words, in the JSON format as members of the line
// (config/logging.cpp).
#pragma once

#include "actors/diagnostics/log_fields.hpp"

#include <spdlog/spdlog.h>

namespace sandbase {

/// Logs `what` with its fields, which cost nothing while the level is off. Any thread.
///
///     log_event(spdlog::level::debug, "session sealed", field("session", id), field("last_seq", n));
template <class... T>
void log_event(spdlog::level::level_enum level, std::string_view what, const log_field<T>&... fields) {
  auto* log = spdlog::default_logger_raw();
  if (!log->should_log(level)) return;
  log_text line;
  line.append(what.data(), what.data() + what.size());
  (append_field(line, fields), ...);
  log->log(level, spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace sandbase
