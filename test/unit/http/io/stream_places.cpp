// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE stream_places
#include "http/io/stream_places.hpp"

#include "test/unit/support/test.hpp"

#include <thread>

using namespace sandbase;

CAF_TEST(a key has so many places and no more) {
  stream_places all;
  auto one = all.take(1, 2);
  auto two = all.take(1, 2);
  CAF_CHECK(one && two);
  CAF_CHECK(!all.take(1, 2));
  CAF_CHECK(all.take(2, 2));  // another key
  const auto copy = one;
  one = nullptr;
  CAF_CHECK(!all.take(1, 2));  // held by the copy
  two = nullptr;
  CAF_CHECK(all.take(1, 2));
}

CAF_TEST(a token has places of its own) {
  stream_places all;
  const auto token = sha256("a token");
  std::vector<stream_places::place> held;
  for (std::size_t i = 0; i < max_streams_per_token; ++i)
    held.push_back(all.take(token, max_streams_per_token));
  CAF_CHECK(std::all_of(held.begin(), held.end(), [](const auto& p) { return p != nullptr; }));
  CAF_CHECK(!all.take(token, max_streams_per_token));
  CAF_CHECK(all.take(sha256("another"), max_streams_per_token));
  held.pop_back();
  CAF_CHECK(all.take(token, max_streams_per_token));
}

CAF_TEST(no places are no places) {
  stream_places all;
  CAF_CHECK(!all.take(1, 0));
  CAF_CHECK(all.take(1, 1));
}

CAF_TEST(threads never hold more together than there are) {
  stream_places all;
  std::atomic<int> open{0};
  std::atomic<bool> too_many{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 2'000; ++i)
        if (const auto place = all.take(7, 3)) {
          if (++open > 3) too_many = true;
          --open;
        }
    });
  for (auto& t : threads) t.join();
  CAF_CHECK(!too_many);
}
