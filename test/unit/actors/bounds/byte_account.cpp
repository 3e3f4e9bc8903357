// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE byte_account
#include "actors/bounds/byte_account.hpp"

#include "test/unit/support/test.hpp"

#include <atomic>
#include <thread>

using namespace sandbase;

CAF_TEST(bytes are taken up to the limit and given back) {
  byte_account account{100};
  CAF_CHECK(account.try_take(60));
  CAF_CHECK(!account.try_take(41));
  CAF_CHECK(account.try_take(40));
  CAF_CHECK_EQUAL(account.used(), 100);
  account.give_back(100);
  CAF_CHECK_EQUAL(account.used(), 0);
}

CAF_TEST(an empty account takes anything) {
  byte_account account{100};
  CAF_CHECK(account.try_take(1000));
  CAF_CHECK(!account.try_take(1));
}

CAF_TEST(who is refused takes room from nobody) {
  byte_account account{100};
  account.take(1);
  std::atomic<int> tries{0};
  std::atomic<bool> over{false};
  bool let_in = false;
  std::thread too_much{[&] {
    for (; !over; ++tries) let_in = account.try_take(100) || let_in;
  }};
  while (tries == 0) std::this_thread::yield();
  int refused = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    if (account.try_take(1))
      account.give_back(1);
    else
      ++refused;
  }
  over = true;
  too_much.join();
  CAF_CHECK(!let_in);
  CAF_CHECK_EQUAL(refused, 0);
  CAF_CHECK_EQUAL(account.used(), 1);
}
