// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE descriptor_limit
#include "config/descriptor_limit.hpp"

#include "test/unit/support/test.hpp"

#include <sys/resource.h>

using namespace sandbase;

CAF_TEST(the soft limit becomes the hard one) {
  rlimit before{};
  CAF_REQUIRE_EQUAL(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = 64;
  CAF_REQUIRE_EQUAL(setrlimit(RLIMIT_NOFILE, &low), 0);
  for (int i = 0; i < 2; ++i) {  // a second time there is nothing to do
    const auto limit = raise_descriptor_limit();
    CAF_REQUIRE(limit);
    CAF_CHECK_EQUAL(*limit, before.rlim_max);
    rlimit after{};
    CAF_REQUIRE_EQUAL(getrlimit(RLIMIT_NOFILE, &after), 0);
    CAF_CHECK_EQUAL(after.rlim_cur, before.rlim_max);
  }
  CAF_CHECK_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
}
