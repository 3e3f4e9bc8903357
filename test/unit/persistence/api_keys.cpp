// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE api_keys
#include "persistence/api_keys.hpp"

#include "test/unit/persistence/support/store_fixture.hpp"

#include <set>

using namespace sandbase;
using namespace sandbase::test;

CAF_TEST(keys have a prefix and 160 bits) {
  std::set<std::string> made;
  std::set<char> digits;
  for (int i = 0; i < 200; ++i) {
    const auto key = must(make_api_key());
    CAF_CHECK_EQUAL(key.size(), api_key_prefix.size() + 32);
    CAF_CHECK(is_api_key(key));
    made.insert(key);
    digits.insert(key.begin() + static_cast<std::ptrdiff_t>(api_key_prefix.size()), key.end());
  }
  CAF_CHECK_EQUAL(made.size(), 200u);
  CAF_CHECK_EQUAL(digits.size(), 32u);  // 6,400 digits: one that never comes would mean lost bits
}

CAF_TEST(what is no key is seen) {
  const auto key = must(make_api_key());
  CAF_CHECK(!is_api_key(""));
  CAF_CHECK(!is_api_key(api_key_prefix));
  CAF_CHECK(!is_api_key(key + "0"));
  CAF_CHECK(!is_api_key(key.substr(0, key.size() - 1)));
  CAF_CHECK(!is_api_key(key.substr(0, key.size() - 1) + "u"));
  CAF_CHECK(!is_api_key(key.substr(0, key.size() - 1) + "A"));
  CAF_CHECK(!is_api_key("sk-xx-" + key.substr(api_key_prefix.size())));
}

CAF_TEST(the store keeps a hash and a hint) {
  // printf 'sk-sb-0123' | sha256sum
  CAF_CHECK_EQUAL(format_head(hash_api_key("sk-sb-0123")),
                  "sha256:94cc10dd58f55ec64d672d51f952a8ce03e107888c2ea8b1201c2de629065e74");
  CAF_CHECK_EQUAL(api_key_hint("sk-sb-0123abcd"), "abcd");
  CAF_CHECK_EQUAL(api_key_hint("abc"), "abc");
}
