// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE hash_chain
#include "events/log/hash_chain.hpp"

#include "events/base/hex.hpp"
#include "test/unit/support/test.hpp"

#include <string>
#include <thread>
#include <vector>

namespace {

using namespace sandbase;

std::string hex(const digest& d) { return to_hex({reinterpret_cast<const char*>(d.data()), d.size()}); }

CAF_TEST(sha256 gives the published values) {
  // FIPS 180-4 examples; the last is the million-a vector.
  CAF_CHECK_EQUAL(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CAF_CHECK_EQUAL(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CAF_CHECK_EQUAL(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CAF_CHECK_EQUAL(hex(sha256(std::string(1'000'000, 'a'))),
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

CAF_TEST(a head covers the head before it and the leaf) {
  const auto leaf = salted_leaf("0123456789abcdef", R"({"id":"sevt_1"})");
  CAF_CHECK(leaf == sha256(R"(0123456789abcdef{"id":"sevt_1"})"));
  const auto view = [](const digest& d) {
    return std::string{reinterpret_cast<const char*>(d.data()), d.size()};
  };
  const auto first = next_head({}, leaf);
  CAF_CHECK(first == sha256(std::string(32, '\0') + view(leaf)));
  CAF_CHECK(next_head(first, leaf) == sha256(view(first) + view(leaf)));
}

CAF_TEST(without salts a head covers the head before it and the bytes of the event) {
  const digest start{};
  const auto first = next_unsalted_head(start, R"({"id":"sevt_1"})");
  const auto second = next_unsalted_head(first, R"({"id":"sevt_2"})");
  std::string by_hand(32, '\0');
  by_hand += R"({"id":"sevt_1"})";
  CAF_CHECK(first == sha256(by_hand));
  by_hand.assign(reinterpret_cast<const char*>(first.data()), first.size());
  by_hand += R"({"id":"sevt_2"})";
  CAF_CHECK(second == sha256(by_hand));
  CAF_CHECK(second != next_unsalted_head(start, R"({"id":"sevt_2"})"));
}

CAF_TEST(computations do not leak into each other across threads) {
  const auto expected = sha256("abc");
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (auto& count : wrong) {
    threads.emplace_back([&count, &expected] {
      for (int i = 0; i < 1'000; ++i) {
        sha256(std::string(static_cast<std::size_t>(i), 'x'));
        if (sha256("abc") != expected) ++count;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const int count : wrong) CAF_CHECK_EQUAL(count, 0);
}

CAF_TEST(heads are shown and read) {
  const auto head = sha256("abc");
  CAF_CHECK_EQUAL(format_head(head),
                  "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CAF_CHECK(parse_head(format_head(head)) == head);
  CAF_CHECK(parse_head(format_head(digest{})) == digest{});
  const std::string good = format_head(head);
  std::string upper = good;
  upper[7] = 'B';
  for (const std::string& text :
       {std::string{}, std::string{"sha256:"}, good.substr(7), good + "0", good.substr(0, good.size() - 1),
        upper, "sha512:" + good.substr(7), "sha256:g" + good.substr(8)}) {
    CAF_MESSAGE(text);
    CAF_CHECK(!parse_head(text));
  }
}

}  // namespace
