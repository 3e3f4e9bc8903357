// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE sealed_text
#include "test/unit/support/test.hpp"
// The framework's header comes first.
#include "http/wire/sealed_text.hpp"
#include "http/wire/text.hpp"

#include <set>

using namespace sandbase;

CAF_TEST(what is sealed comes back for its purpose alone) {
  for (const std::string text :
       {"x", "0123456789abcdef", "a longer text, of more than one block of the cipher"}) {
    const auto sealed = seal("secret", "purpose", text);
    CAF_CHECK_EQUAL(unseal("secret", "purpose", sealed).value_or(""), text);
    CAF_CHECK_EQUAL(seal("secret", "purpose", text), sealed);
    CAF_CHECK(!unseal("secret", "another", sealed));
    CAF_CHECK(!unseal("Secret", "purpose", sealed));
    CAF_CHECK(parse_base64url(sealed).value().find(text.substr(0, 8)) == std::string::npos ||
              text.size() < 8);
  }
}

CAF_TEST(nothing else is unsealed) {
  const auto sealed = seal("secret", "purpose", "some text");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CAF_CHECK(!unseal("secret", "purpose", changed));
    CAF_CHECK(!unseal("secret", "purpose", sealed.substr(0, i)));
  }
  for (const auto& bad :
       std::vector<std::string>{"", "A", "AAAA", "not base64url!", sealed + "AAAA", sealed + sealed})
    CAF_CHECK(!unseal("secret", "purpose", bad));
}

CAF_TEST(seals of neighbours have nothing in common) {
  std::set<std::string> beginnings;
  for (char c = 'a'; c <= 'z'; ++c)
    beginnings.insert(seal("secret", "purpose", std::string("number ") + c).substr(0, 6));
  CAF_CHECK_EQUAL(beginnings.size(), 26u);
}
