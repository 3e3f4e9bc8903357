// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE origin
#include "http/wire/origin.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

std::string normal(std::string_view text) {
  const auto origin = normalize_origin(text);
  if (!origin && origin.error().code != errc::invalid) CAF_FAIL("wrong code");
  return origin ? *origin : "(refused)";
}

}  // namespace

CAF_TEST(an origin becomes what browsers send) {
  CAF_CHECK_EQUAL(normal("https://app.example.com"), "https://app.example.com");
  CAF_CHECK_EQUAL(normal("HTTPS://App.Example.COM"), "https://app.example.com");
  CAF_CHECK_EQUAL(normal("https://app.example.com:443"), "https://app.example.com");
  CAF_CHECK_EQUAL(normal("http://app.example.com:80"), "http://app.example.com");
  CAF_CHECK_EQUAL(normal("http://app.example.com:443"), "http://app.example.com:443");
  CAF_CHECK_EQUAL(normal("http://localhost:03000"), "http://localhost:3000");
  CAF_CHECK_EQUAL(normal("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
  CAF_CHECK_EQUAL(normal("http://[::1]:3000"), "http://[::1]:3000");
  CAF_CHECK_EQUAL(normal("https://[2001:DB8:0:0:0:0:0:1]"), "https://[2001:db8::1]");
  CAF_CHECK_EQUAL(normal("https://xn--bcher-kva.example"), "https://xn--bcher-kva.example");
}

CAF_TEST(what no browser sends is refused) {
  for (const std::string bad : {"",
                                "*",
                                "null",
                                "app.example.com",
                                "//app.example.com",
                                "https:app.example.com",
                                "https://",
                                "https://*.example.com",
                                "https://app.example.com/",
                                "https://app.example.com/app",
                                "https://app.example.com?x",
                                "https://app.example.com#x",
                                "https://user@app.example.com",
                                "https://a.example,https://b.example",
                                "https://a example",
                                " https://a.example",
                                "ftp://a.example",
                                "file://",
                                "https://b\xc3\xbc\x63her.example",
                                "https://a..example",
                                "https://.example",
                                "https://:443",
                                "https://a.example:",
                                "https://a.example:0",
                                "https://a.example:65536",
                                "https://a.example:x",
                                "https://a.example:-1",
                                "https://1.2.3",
                                "https://256.1.1.1",
                                "https://[::1",
                                "https://[]",
                                "https://[::1]x",
                                "https://[::1]:",
                                "https://[1.2.3.4]"})
    CAF_CHECK_EQUAL(normal(bad) + " for " + bad, "(refused) for " + bad);
  CAF_CHECK_EQUAL(normal({"https://a.example\0", 18}), "(refused)");
}

CAF_TEST(the origin is found in a head that cannot be parsed) {
  const auto found = [](std::string_view head) { return std::string{find_origin(head)}; };
  CAF_CHECK_EQUAL(found("GET / HTTP/9\r\nHost: x\r\nOrigin: https://a.example\r\n\r\n"), "https://a.example");
  CAF_CHECK_EQUAL(found("GET / HTTP/1.1\noRIGIN:\thttps://a.example \n\n"), "https://a.example");
  CAF_CHECK_EQUAL(found("Origin: https://a.example\r\nHost: x\r\n\r\n"), "");  // that is the request line
  CAF_CHECK_EQUAL(found("GET / HTTP/1.1\r\nX-Origin: https://a.example\r\n\r\n"), "");
  CAF_CHECK_EQUAL(found("GET / HTTP/1.1\r\nOrigin: https://a.example\r\nOrigin: https://b.example\r\n\r\n"),
                  "");
  CAF_CHECK_EQUAL(found("GET / HTTP/1.1\r\nOrigin\r\n\r\n"), "");
  CAF_CHECK_EQUAL(found("GET / HTTP/1.1\r\nOrigin:"), "");
  CAF_CHECK_EQUAL(found(""), "");
}
