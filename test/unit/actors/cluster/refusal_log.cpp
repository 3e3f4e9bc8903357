// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE refusal_log
#include "actors/cluster/refusal_log.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

struct fixture {
  refusal_log log;
  refusal_log::time_point now{1h};
  std::string told(std::string_view whom, std::string_view why) {
    return log.refused(whom, why, now).value_or("(nothing)");
  }
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(refusal_log_tests, fixture)

CAF_TEST(each reason has one line a minute that counts those between) {
  CAF_CHECK_EQUAL(told("a", "it is rude"), "a was refused: it is rude");
  CAF_CHECK_EQUAL(told("b", "it is late"), "b was refused: it is late");
  now += 59s;
  CAF_CHECK_EQUAL(told("c", "it is rude"), "(nothing)");
  CAF_CHECK_EQUAL(told("d", "it is rude"), "(nothing)");
  now += 1s;
  CAF_CHECK_EQUAL(told("e", "it is rude"), "e was refused: it is rude (2 more since the last such line)");
  CAF_CHECK_EQUAL(told("f", "it is late"), "f was refused: it is late");
  CAF_CHECK_EQUAL(told("g", "it is rude"), "(nothing)");
  CAF_CHECK_EQUAL(log.count(), 7u);
}

CAF_TEST(whoever makes up reasons gets no more lines for it) {
  int lines = 0;
  for (int i = 0; i < 1000; ++i) lines += log.refused("x", std::to_string(i), now).has_value() ? 1 : 0;
  CAF_CHECK_EQUAL(static_cast<std::size_t>(lines), refusal_log::max_reasons + 1);
  CAF_CHECK_EQUAL(log.count(), 1000u);
}

CAF_TEST_FIXTURE_SCOPE_END()
