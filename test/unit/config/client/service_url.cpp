// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE service_url
#include "config/client/service_url.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

service_url parse(std::string_view text) {
  const auto url = parse_service_url(text);
  if (!url) CAF_FAIL("refused: " << std::string{text});
  return *url;
}

}  // namespace

CAF_TEST(an address has a scheme a host a port and a base) {
  const auto plain = parse("http://127.0.0.1:8080");
  CAF_CHECK(!plain.tls);
  CAF_CHECK_EQUAL(plain.host, "127.0.0.1");
  CAF_CHECK_EQUAL(plain.port, 8080u);
  CAF_CHECK_EQUAL(plain.base, "");
  CAF_CHECK_EQUAL(plain.authority(), "127.0.0.1:8080");
  const auto tls = parse("HTTPS://events.example/some/base//");
  CAF_CHECK(tls.tls);
  CAF_CHECK_EQUAL(tls.port, 443u);
  CAF_CHECK_EQUAL(tls.base, "/some/base");
  CAF_CHECK_EQUAL(tls.authority(), "events.example");
  CAF_CHECK_EQUAL(parse("http://x/").port, 80u);
  CAF_CHECK_EQUAL(parse("https://x:80").authority(), "x:80");
  CAF_CHECK_EQUAL(parse("http://[::1]:81/").authority(), "[::1]:81");
  CAF_CHECK_EQUAL(parse("http://[::1]").authority(), "[::1]");
}

CAF_TEST(what is no address is refused and not shown) {
  for (const auto* bad :
       {"", "localhost:8080", "ftp://x", "http://", "http://x:0", "http://x:99999", "http://x?a=b",
        "http://x/a b", "http://user:hunter2@x", "http://x/#", "http:/x", "http://[x]"}) {
    const auto url = parse_service_url(bad);
    CAF_REQUIRE(!url);
    CAF_CHECK(url.error().message.find("hunter2") == std::string::npos);
  }
}

CAF_TEST(what goes into a path or a query is escaped) {
  CAF_CHECK_EQUAL(percent_encode("sess_1-a.b~C"), "sess_1-a.b~C");
  CAF_CHECK_EQUAL(percent_encode("a/b?c d[]=ü"), "a%2Fb%3Fc%20d%5B%5D%3D%C3%BC");
}
