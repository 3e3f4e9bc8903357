// The process's log: spdlog's default logger, to stderr, as text or as JSON lines. Everybody logs through
// spdlog::info(…) and its siblings; only this file knows how lines look and which thread writes them.
#pragma once

#include "config/options.hpp"

#include <string>
#include <string_view>

namespace sandbase {

/// Log lines are written by a thread of their own, so that a slow terminal holds up nobody: between it and
/// the callers stands a bounded queue, and when that is full the oldest lines are lost. Destruction writes
/// what is queued. One at a time; made before other threads start, destroyed after they ended.
class logging {
 public:
  logging(log_level level, log_format format);
  ~logging();
  logging(const logging&) = delete;
  logging& operator=(const logging&) = delete;
};

/// `message` as a JSON string with quotes. What is not UTF-8 in it becomes U+FFFD.
std::string log_json_string(std::string_view message);

}  // namespace sandbase
