// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE shared_value
#include "events/base/shared_value.hpp"

#include "test/unit/support/test.hpp"

#include <string>

using namespace sandbase;

CAF_TEST(copies share the value) {
  const shared_value<std::string> a{std::string{"text"}};
  const auto b = a;
  CAF_CHECK(&*a == &*b);
  CAF_CHECK_EQUAL(b->size(), 4u);
}

CAF_TEST(a change concerns no copy) {
  shared_value<std::string> a{std::string{"text"}};
  const auto b = a;
  a.edit() += 's';
  CAF_CHECK_EQUAL(*a, "texts");
  CAF_CHECK_EQUAL(*b, "text");
  const auto c = a;
  a.edit() = "";
  CAF_CHECK_EQUAL(*c, "texts");
}

CAF_TEST(there is always one) {
  const shared_value<std::string> none;
  CAF_CHECK_EQUAL(*none, "");
}
