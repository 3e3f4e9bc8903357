// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE key_budgets
#include "http/io/key_budgets.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

CAF_TEST(everybody gets the same account of a key) {
  key_budgets keys{100, 1000};
  const auto one = keys.account(1);
  CAF_CHECK(keys.account(1) == one);
  CAF_CHECK(one->try_take(60));
  CAF_CHECK(!keys.account(1)->try_take(60));
}

CAF_TEST(keys do not share their budgets) {
  key_budgets keys{100, 1000};
  const auto one = keys.account(1);
  const auto two = keys.account(2);
  CAF_CHECK(one != two);
  CAF_CHECK_EQUAL(one->limit(), 100);
  CAF_CHECK(one->try_take(100));
  CAF_CHECK(two->try_take(100));
}

CAF_TEST(an account that nobody holds begins anew) {
  key_budgets keys{100, 1000};
  std::weak_ptr<byte_account> before = keys.account(1);
  CAF_CHECK(before.expired());
  CAF_CHECK_EQUAL(keys.account(1)->used(), 0);
}

CAF_TEST(an account that is held outlives any number of others) {
  key_budgets keys{100, 1000};
  const auto held = keys.account(1);
  held->take(70);
  for (api_key_id key = 2; key < 5'000; ++key) keys.account(key);  // more than what is purged at
  CAF_CHECK(keys.account(1) == held);
  CAF_CHECK_EQUAL(keys.account(1)->used(), 70);
}

CAF_TEST(a workspace has an account of its own beside those of its keys) {
  key_budgets keys{100, 150};
  const auto shared_by_keys = keys.workspace_account(1);
  CAF_CHECK(keys.workspace_account(1) == shared_by_keys);
  CAF_CHECK(keys.workspace_account(2) != shared_by_keys);
  CAF_CHECK(keys.account(1) != shared_by_keys);
  CAF_CHECK_EQUAL(shared_by_keys->limit(), 150);
}
