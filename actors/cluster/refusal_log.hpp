// SPDX-License-Identifier: Apache-2.0
// Lines about connections that were refused, few enough that nobody can fill the log with them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sandbase {

/// One line a minute for each reason. One thread.
class refusal_log {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::minutes pause{1};
  /// Reasons that are told apart; further ones share a line.
  static constexpr std::size_t max_reasons = 32;

  /// What is to be logged for one more refusal, if anything.
  /// `whom`: "a connection from 10.0.0.7:4711", only of the refusal that the line stands for
  std::optional<std::string> refused(std::string_view whom, std::string_view why, time_point now);
  std::uint64_t count() const { return count_; }

 private:
  struct reason {
    time_point told;
    std::uint64_t untold = 0;
  };
  std::map<std::string, reason, std::less<>> reasons_;
  std::uint64_t count_ = 0;
};

}  // namespace sandbase
