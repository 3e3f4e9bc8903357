// SPDX-License-Identifier: Apache-2.0
// What the code under test logs, line by line, instead of on standard output.
#pragma once

#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "actors/diagnostics/log_fields.hpp"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sandbase::test {

/// For the time of its life; level debug and up. One at a time, and only where one thread logs.
class captured_log {
 public:
  struct line {
    spdlog::level::level_enum level = spdlog::level::off;
    std::string words;
    std::map<std::string, std::string, std::less<>> fields;
    std::string field(std::string_view name) const {
      const auto at = fields.find(name);
      return at == fields.end() ? "(none)" : at->second;
    }
  };

  captured_log() : before_(spdlog::default_logger()), sink_(std::make_shared<sink>()) {
    auto logger = std::make_shared<spdlog::logger>("captured", sink_);
    logger->set_level(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
  }
  ~captured_log() { spdlog::set_default_logger(before_); }
  captured_log(const captured_log&) = delete;
  captured_log& operator=(const captured_log&) = delete;

  const std::vector<line>& lines() const { return sink_->all; }
  /// Those with these words.
  std::vector<line> lines(std::string_view words) const {
    std::vector<line> found;
    for (const auto& l : sink_->all)
      if (l.words == words) found.push_back(l);
    return found;
  }

 private:
  struct sink : spdlog::sinks::base_sink<spdlog::details::null_mutex> {
    void sink_it_(const spdlog::details::log_msg& m) override {
      const std::string_view payload{m.payload.data(), m.payload.size()};
      line made{m.level, std::string{words_of(payload)}, {}};
      for_each_field(payload, [&](std::string_view name, std::string_view value, bool) {
        made.fields.emplace(name, value);
      });
      all.push_back(std::move(made));
    }
    void flush_() override {}
    std::vector<line> all;
  };

  std::shared_ptr<spdlog::logger> before_;
  std::shared_ptr<sink> sink_;
};

}  // namespace sandbase::test
