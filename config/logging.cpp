// SPDX-License-Identifier: Apache-2.0
#include "config/logging.hpp"

#include "actors/diagnostics/log_fields.hpp"
#include "events/base/timestamp.hpp"
#include "events/base/utf8.hpp"
#include "events/json/json_writer.hpp"

#include <spdlog/async.h>
#include <spdlog/formatter.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <pthread.h>
#include <string>
#include <string_view>
#include <unistd.h>

namespace sandbase {
namespace {

constexpr std::size_t queued_lines = 1024;

/// As a JSON string with quotes; what is not UTF-8 becomes U+FFFD.
std::string quoted_lossy(std::string_view message) {
  std::string valid;
  valid.reserve(message.size());
  while (!message.empty()) {
    const auto size = first_character_size(message);
    if (size > 0)
      valid.append(message.substr(0, size));
    else
      append_utf8(valid, U'\ufffd');
    message.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return json::quoted(valid);
}

class json_formatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(line.level);
    std::string text;
    json::object_writer object{text};
    object.text("time", format_timestamp(std::chrono::floor<std::chrono::milliseconds>(line.time)));
    object.text("level", {level.data(), level.size()});
    object.raw("thread", std::to_string(line.thread_id));
    const std::string_view payload{line.payload.data(), line.payload.size()};
    object.raw("message", quoted_lossy(words_of(payload)));
    for_each_field(payload, [&](std::string_view name, std::string_view value, bool is_number) {
      object.raw(name, is_number ? std::string{value} : quoted_lossy(value));
    });
    object.close();
    text.push_back('\n');
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<json_formatter>(); }
};

/// `2026-05-29T10:00:03.120Z info    words name=value name="a value with spaces"`
class text_formatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& line, spdlog::memory_buf_t& out) override {
    const std::string_view payload{line.payload.data(), line.payload.size()};
    if (payload.find(log_field_mark) == payload.npos) return pattern_.format(line, out);
    std::string text{words_of(payload)};
    for_each_field(payload, [&](std::string_view name, std::string_view value, bool) {
      const bool plain = !value.empty() && value.find_first_of(" \"=") == value.npos;
      text.append(" ").append(name).append("=").append(plain ? std::string{value} : quoted_lossy(value));
    });
    auto flat = line;
    flat.payload = {text.data(), text.size()};
    pattern_.format(flat, out);
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<text_formatter>(); }

 private:
  spdlog::pattern_formatter pattern_{"%Y-%m-%dT%H:%M:%S.%eZ %^%-7l%$ %v", spdlog::pattern_time_type::utc};
};

spdlog::sink_ptr make_sink() {
  if (isatty(STDERR_FILENO) != 0) return std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  return std::make_shared<spdlog::sinks::stderr_sink_mt>();
}

spdlog::level::level_enum to_spdlog(log_level level) {
  switch (level) {
    case log_level::trace:
      return spdlog::level::trace;
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warn:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
    case log_level::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

}  // namespace

std::unique_ptr<spdlog::formatter> make_log_formatter(log_format format) {
  if (format == log_format::json) return std::make_unique<json_formatter>();
  return std::make_unique<text_formatter>();
}

logging::logging(log_level level, log_format format) {
  spdlog::init_thread_pool(queued_lines, 1, [] { ::pthread_setname_np(::pthread_self(), "log"); });
  auto logger = std::make_shared<spdlog::async_logger>("sandbase", make_sink(), spdlog::thread_pool(),
                                                       spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(to_spdlog(level));
  logger->set_formatter(make_log_formatter(format));
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

logging::~logging() {
  spdlog::default_logger()->flush();
  spdlog::shutdown();  // waits for the queue
}

}  // namespace sandbase
