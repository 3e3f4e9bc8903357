// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE endpoint
#include "http/wire/endpoint.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

CAF_TEST(addresses are numeric) {
  CAF_CHECK((*parse_endpoint("127.0.0.1:8080") == endpoint{"127.0.0.1", 8080}));
  CAF_CHECK((*parse_endpoint("0.0.0.0:0") == endpoint{"0.0.0.0", 0}));
  CAF_CHECK((*parse_endpoint("[::1]:65535") == endpoint{"::1", 65535}));
  for (const auto* bad : {"", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                          "127.0.0.1:+1", "localhost:80", "::1:80", "[127.0.0.1]:80", "[::1]", "[]:80",
                          "127.0.0.1:80x", "256.0.0.1:80", "127.0.0.1:99999999999999999999", "fe80::1%lo:80"})
    CAF_CHECK(!parse_endpoint(bad));
  CAF_CHECK(!parse_endpoint(std::string_view{"127.0.0.1\0x:80", 14}));
}

CAF_TEST(a refusal says what would have been taken) {
  const auto refused = parse_endpoint("8080");
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::invalid);
  CAF_CHECK_EQUAL(refused.error().message, "must be ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080");
}

CAF_TEST(addresses print as they are read) {
  for (const std::string text : {"127.0.0.1:8080", "[::1]:0"})
    CAF_CHECK_EQUAL(format_endpoint(*parse_endpoint(text)), text);
}
