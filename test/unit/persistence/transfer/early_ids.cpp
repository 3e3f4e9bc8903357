// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE early_ids
#include "persistence/transfer/early_ids.hpp"

#include "test/unit/support/test.hpp"

#include <string>

using namespace sandbase;

CAF_TEST(an id is found at the place that it tells) {
  early_ids ids;
  ids.note(5, "a");
  ids.note(5, "b");
  ids.note(7, "c");
  CAF_CHECK(!ids.repeats(4, "a"));
  CAF_CHECK(!ids.repeats(5, "c"));
  CAF_CHECK(ids.knows(5));
  CAF_CHECK_EQUAL(ids.count(), 1u);  // what was passed is forgotten
  CAF_CHECK(ids.repeats(7, "c"));
  CAF_CHECK_EQUAL(ids.count(), 0u);
}

CAF_TEST(the farthest are forgotten and that is known) {
  early_ids ids;
  const auto far = seq_t{1} << 39;
  for (seq_t i = 0; i < 3 * early_ids::max_count; ++i) ids.note(far - i, "a" + std::to_string(i));
  CAF_CHECK_EQUAL(ids.count(), early_ids::max_count);
  CAF_CHECK(!ids.knows(far));
  CAF_CHECK(!ids.knows(far - 2 * early_ids::max_count + 1));
  CAF_CHECK(ids.knows(far - 2 * early_ids::max_count));
  ids.note(far, "again");
  CAF_CHECK_EQUAL(ids.count(), early_ids::max_count);
  const auto last = 3 * early_ids::max_count - 1;
  CAF_CHECK(ids.repeats(far - last, "a" + std::to_string(last)));
}

CAF_TEST(one place cannot hold more than all) {
  early_ids ids;
  for (std::size_t i = 0; i <= early_ids::max_count; ++i) ids.note(9, std::to_string(i));
  CAF_CHECK_EQUAL(ids.count(), 0u);
  CAF_CHECK(!ids.knows(9));
  CAF_CHECK(ids.knows(8));
}
