// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE lru_cache
#include "http/io/lru_cache.hpp"

#include "test/unit/support/test.hpp"

#include <memory>
#include <string>

using namespace sandbase;

namespace {

using cache = lru_cache<int, std::string>;

/// The keys that a cache knows, of 0 to 9. Each look is a use: afterwards the highest was used last.
std::string known(cache& c) {
  std::string keys;
  for (int key = 0; key < 10; ++key)
    if (c.find(key) != nullptr) keys += std::to_string(key);
  return keys;
}

}  // namespace

CAF_TEST(what was put is found) {
  cache c{2};
  CAF_CHECK(c.find(1) == nullptr);
  CAF_CHECK_EQUAL(c.put(1, "one"), "one");
  CAF_REQUIRE(c.find(1) != nullptr);
  CAF_CHECK_EQUAL(*c.find(1), "one");
  *c.find(1) = "uno";
  CAF_CHECK_EQUAL(*c.find(1), "uno");
}

CAF_TEST(what was used longest ago goes first) {
  cache c{3};
  for (int key = 1; key <= 3; ++key) c.put(key, "x");
  c.find(1);
  c.put(4, "x");
  CAF_CHECK_EQUAL(known(c), "134");
  c.put(3, "again");
  c.put(5, "x");
  CAF_CHECK_EQUAL(known(c), "345");
  CAF_CHECK_EQUAL(c.size(), 3u);
}

CAF_TEST(a value that is put again takes no place more) {
  cache c{2};
  c.put(1, "one");
  c.put(2, "two");
  CAF_CHECK_EQUAL(c.put(1, "uno"), "uno");
  CAF_CHECK_EQUAL(known(c), "12");
  CAF_CHECK_EQUAL(*c.find(1), "uno");
}

CAF_TEST(what is erased is gone and makes room) {
  cache c{2};
  c.put(1, "x");
  c.put(2, "x");
  c.erase(1);
  c.erase(7);
  CAF_CHECK_EQUAL(known(c), "2");
  c.put(3, "x");
  CAF_CHECK_EQUAL(known(c), "23");
  c.clear();
  CAF_CHECK_EQUAL(c.size(), 0u);
  CAF_CHECK_EQUAL(known(c), "");
}

CAF_TEST(what is forgotten is let go of) {
  lru_cache<int, std::shared_ptr<int>> c{1};
  const auto first = std::make_shared<int>(1);
  c.put(1, first);
  CAF_CHECK_EQUAL(first.use_count(), 2);
  c.put(2, nullptr);
  CAF_CHECK_EQUAL(first.use_count(), 1);
}
