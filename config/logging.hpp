// SPDX-License-Identifier: Apache-2.0
// The process's log: spdlog's default logger, to stderr, as text or as JSON lines. Everybody logs through
// spdlog::info(…) and its siblings; only this file knows how lines look and which thread writes them.
#pragma once

#include "config/options.hpp"

#include <spdlog/formatter.h>

#include <memory>

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

/// text: `2026-05-29T10:00:03.120Z info    message name=value`. json: `{"time":…,"level":…,"thread":…,
/// "message":…,"name":value}`, one line whatever the message holds; what is not UTF-8 in it becomes U+FFFD.
/// Names and values are the fields of log_event().
std::unique_ptr<spdlog::formatter> make_log_formatter(log_format format);

}  // namespace sandbase
