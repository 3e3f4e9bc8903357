// SPDX-License-Identifier: Apache-2.0
// The wall clock of unit tests: stands still unless a test moves it.
#pragma once

#include "events/base/wall_clock.hpp"

#include <memory>

namespace sandbase::test {

inline constexpr timestamp test_time{std::chrono::milliseconds{1'780'000'000'000}};
inline timestamp test_now = test_time;
inline timestamp now_for_tests() { return test_now; }

class test_clock final : public wall_clock {
 private:
  timestamp read() const override { return test_now; }
};
inline std::shared_ptr<const wall_clock> clock_for_tests() { return std::make_shared<const test_clock>(); }

}  // namespace sandbase::test
