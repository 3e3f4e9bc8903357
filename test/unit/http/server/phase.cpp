// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE phase
#include "http/server/phase.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

using time_point = phase_conditions::time_point;
constexpr time_point start{1000s};

struct fixture {
  fixture() {
    options.header_timeout = 10s;
    options.idle_timeout = 60s;
    options.body_timeout = 30s;
    options.write_timeout = 20s;
    at.handler_patience = 7s;
  }
  time_point::duration left(phase next) const { return at.deadline(next, start, options) - start; }

  http_options options;
  phase_conditions at;
};

}  // namespace

CAF_TEST_FIXTURE_SCOPE(phase_tests, fixture)

CAF_TEST(every phase has its patience) {
  CAF_CHECK(left(phase::head) == 60s);
  CAF_CHECK(left(phase::working) == 7s);
  CAF_CHECK(left(phase::body) == 30s);
  CAF_CHECK(left(phase::writing) == 20s);
  CAF_CHECK(left(phase::lingering) == 5s);
  for (const auto endless : {phase::streaming, phase::gone})
    CAF_CHECK(at.deadline(endless, start, options) == time_point::max());
}

CAF_TEST(a body of any length has as long again with every byte) {
  at.body_streams = true;
  CAF_CHECK(left(phase::body) == 5s);
}

CAF_TEST(a head that has begun has to be there soon) {
  at.head_begun = true;
  CAF_CHECK(left(phase::head) == 10s);
}

CAF_TEST(lingering ends in the end whatever still comes) {
  CAF_CHECK(at.end_of_lingering(start) == start + 30s);
  at.lingers_until = start + 2s;
  CAF_CHECK(left(phase::lingering) == 2s);
  at.drained = true;
  CAF_CHECK(at.end_of_lingering(start) == start + 500ms);
}

CAF_TEST(who is turned away gets little time) {
  at.turned_away = true;
  for (const bool begun : {false, true}) {
    at.head_begun = begun;
    CAF_CHECK(left(phase::head) == 1s);
  }
  CAF_CHECK(at.end_of_lingering(start) == start + 1s);
}

CAF_TEST_FIXTURE_SCOPE_END()
