// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE event_id
#include "events/ids/event_id.hpp"

#include "test/unit/support/test.hpp"

#include <set>
#include <string>
#include <vector>

namespace {

using namespace sandbase;

timestamp at(std::int64_t ms) { return timestamp{std::chrono::milliseconds{ms}}; }

CAF_TEST(an id is its prefix and a ULID) {
  CAF_CHECK_EQUAL(make_id("sess", at(0), 0, 0), "sess_00000000000000000000000000");
  // The time of the ULID specification's example, in its first ten digits.
  CAF_CHECK_EQUAL(make_id("sess", at(1469918176385), 0, 0).substr(0, 15), "sess_01ARYZ6S41");
  CAF_CHECK_EQUAL(make_id("x", at((std::int64_t{1} << 48) - 1), 0xffff, ~std::uint64_t{0}),
                  "x_7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
  // 80 random bits: 16 above 64.
  CAF_CHECK_EQUAL(make_id("x", at(0), 0x8000, 1), "x_0000000000G000000000000001");
  CAF_CHECK_EQUAL(make_id("x", at(0), 0x0001, 0), "x_0000000000000G" + std::string(12, '0'));
}

CAF_TEST(times that a ULID cannot hold are brought to its ends) {
  CAF_CHECK_EQUAL(make_id("x", at(-1), 0, 0), "x_" + std::string(26, '0'));
  CAF_CHECK_EQUAL(make_id("x", at(std::int64_t{1} << 48), 0, 0), "x_7ZZZZZZZZZ" + std::string(16, '0'));
}

CAF_TEST(event ids tell their place) {
  for (const seq_t seq :
       {seq_t{1}, seq_t{31}, seq_t{32}, seq_t{1} << 20, (seq_t{1} << 40) - 2, max_told_seq}) {
    const auto id = make_event_id(at(1'780'000'000'000), seq, 0xdeadbeefcafe);
    CAF_MESSAGE(id);
    CAF_CHECK(told_place(id) == seq);
    CAF_CHECK(is_valid_id(id));
    CAF_CHECK_EQUAL(id.size(), std::size_t{31});
  }
  CAF_CHECK_EQUAL(make_event_id(at(0), 1, 0),
                  "sevt_0000000000"
                  "00000001"
                  "00000000");
  CAF_CHECK_EQUAL(make_event_id(at(0), max_told_seq, ~std::uint64_t{0}), "sevt_0000000000ZZZZZZZZZZZZZZZZ");
}

CAF_TEST(within a session ids sort as the log) {
  std::string before;
  std::int64_t ms = 1'780'000'000'000;
  for (seq_t seq = 1; seq <= 5'000; ++seq) {
    if (seq % 3 == 0) ++ms;  // times repeat, and never decrease
    const auto id = make_event_id(at(ms), seq, random_bits());
    if (!(before < id)) CAF_FAIL(before << " is not before " << id);
    before = id;
  }
}

CAF_TEST(ids of another form tell no place) {
  const std::string good = make_event_id(at(1), 7, 9);
  CAF_REQUIRE(told_place(good).has_value());
  std::string lower = good;
  lower.back() = 'z';
  std::string excluded = good;
  excluded.back() = 'U';
  std::string too_high = good;
  too_high[5] = '8';
  const std::string rows[] = {
      "",
      "sevt_",
      "sevt_01",
      good + "0",
      good.substr(0, good.size() - 1),
      "sess_" + good.substr(5),
      lower,
      excluded,
      too_high,
      make_event_id(at(1), 0, 9),
      "sevt_" + std::string(26, '\xff'),
  };
  for (const auto& id : rows) {
    CAF_MESSAGE(id);
    CAF_CHECK(!told_place(id));
  }
}

CAF_TEST(valid ids) {
  const std::string long_name(64, 'a');
  for (const std::string& id : {std::string{"a_b"}, std::string{"sevt_01"}, std::string{"Z_9"},
                                "x_" + long_name, std::string(63, 'p') + "_" + long_name}) {
    CAF_MESSAGE(id);
    CAF_CHECK(is_valid_id(id));
  }
  for (const std::string& id :
       {std::string{}, std::string{"_"}, std::string{"a_"}, std::string{"_a"}, std::string{"ab"},
        std::string{"a__b"}, std::string{"a_b_c"}, std::string{"a1_b"}, std::string{"a-b_c"},
        std::string{"a_b-c"}, std::string{"a_b "}, "x_" + long_name + "a",
        std::string(64, 'p') + "_" + long_name, std::string{"a_b\0", 4}, std::string{"a_\xc3\xa9"},
        std::string{"a_b\n"}}) {
    CAF_MESSAGE(id);
    CAF_CHECK(!is_valid_id(id));
  }
}

CAF_TEST(random ids differ) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(make_id("sess", at(0)));
  CAF_CHECK_EQUAL(seen.size(), std::size_t{10'000});
}

}  // namespace
