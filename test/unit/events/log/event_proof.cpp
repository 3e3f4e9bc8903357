// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE event_proof
#include "events/log/event_proof.hpp"

#include "events/base/random_seed.hpp"
#include "test/unit/support/test.hpp"

#include <set>
#include <string>
#include <thread>

namespace {

using namespace sandbase;
using proof = sandbase::event_proof;

constexpr std::string_view json = R"({"id":"sevt_1"})";

CAF_TEST(a leaf covers the salt and the bytes of the event) {
  const auto salt = *proof::parse("0123456789abcdef");
  CAF_CHECK(!salt.is_leaf());
  CAF_CHECK(salt.leaf_of(json) == sha256(R"(0123456789abcdef{"id":"sevt_1"})"));
  CAF_CHECK(salt.leaf_of(json) != salt.leaf_of("{}"));
}

CAF_TEST(a leaf stays what it is) {
  const auto leaf = proof::make_salt().leaf_of(json);
  const auto kept = proof::from_leaf(leaf);
  CAF_CHECK(kept.is_leaf());
  CAF_CHECK(kept.leaf_of("whatever is shown now") == leaf);
  CAF_CHECK(proof::parse(kept.bytes()) == kept);
}

CAF_TEST(only salts and leaves are read) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string bytes(size, 'x');
    const auto read = proof::parse(bytes);
    CAF_CHECK_EQUAL(read.has_value(), size == 16 || size == 32);
    if (read) CAF_CHECK_EQUAL(std::string{read->bytes()}, bytes);
  }
}

CAF_TEST(salts are not given twice) {
  std::set<std::string> seen;
  const auto draw = [&] {
    for (int i = 0; i < 1'000; ++i) seen.emplace(proof::make_salt().bytes());
  };
  draw();
  std::thread{draw}.join();
  CAF_CHECK_EQUAL(seen.size(), 2'000u);
}

CAF_TEST(a seed makes them repeat in its thread alone) {
  std::string first;
  std::string other;
  std::thread{[&] {
    const auto draw = [](std::uint64_t seed) {
      seed_random_bits(seed);
      std::string all;
      for (int i = 0; i < 100; ++i) all += proof::make_salt().bytes();
      return all;
    };
    first = draw(7);
    CAF_CHECK_EQUAL(draw(7), first);
    other = draw(8);
  }}.join();
  CAF_CHECK_NOT_EQUAL(first, other);
  CAF_CHECK_NOT_EQUAL(std::string{proof::make_salt().bytes()}, first.substr(0, 16));
}

CAF_TEST(proofs stand side by side) {
  const proof all[] = {proof::make_salt(), proof::from_leaf(sha256("a")), proof::make_salt()};
  event_proofs front;
  event_proofs rest;
  front.add(all[0]);
  rest.add(all[1]);
  rest.add(all[2]);
  front.append(rest);
  CAF_CHECK_EQUAL(front.encoded().size(), std::size_t{17 + 33 + 17});
  const auto read = event_proofs::parse(front.encoded(), 3);
  CAF_REQUIRE(read);
  for (std::size_t i = 0; i < 3; ++i) {
    CAF_CHECK(read->at(i) == all[i]);
    CAF_CHECK(front.at(i) == all[i]);
  }
  for (const std::size_t count : {0u, 1u, 2u, 4u}) CAF_CHECK(!event_proofs::parse(front.encoded(), count));
  for (std::size_t size = 0; size < front.encoded().size(); ++size)
    CAF_CHECK(!event_proofs::parse(front.encoded().substr(0, size), 3));
  CAF_CHECK(event_proofs::parse("", 0));
}

CAF_TEST(each is found among leaves and salts in any order) {
  // Bit n of `order`: the proof n is a leaf.
  for (std::uint32_t order = 0; order < 128; ++order) {
    std::vector<proof> all;
    event_proofs parts[2];
    for (std::uint32_t n = 0; n < 7; ++n) {
      const auto salt = proof::make_salt();
      all.push_back((order >> n & 1) != 0 ? proof::from_leaf(salt.leaf_of(json)) : salt);
      parts[n < order % 8 ? 0 : 1].add(all.back());
    }
    auto& joined = parts[0];
    joined.append(parts[1]);
    const auto read = event_proofs::parse(joined.encoded(), all.size());
    CAF_REQUIRE(read);
    for (std::size_t n = 0; n < all.size(); ++n) {
      CAF_CHECK(joined.at(n) == all[n]);
      CAF_CHECK(read->at(n) == all[n]);
    }
    joined.add(all[0]);
    CAF_CHECK(joined.at(all.size()) == all[0]);
  }
}

}  // namespace
