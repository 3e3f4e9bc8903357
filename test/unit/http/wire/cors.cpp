// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE cors
#include "http/wire/cors.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

const std::vector<std::string> origins = {"https://a.example", "http://localhost:3000"};

request_head preflight_from(std::string origin, std::string headers) {
  request_head head;
  head.method = http_method::options;
  head.origin = std::move(origin);
  head.cors_method = "POST";
  head.cors_headers = std::move(headers);
  return head;
}

/// What is allowed of the headers that a page asks for.
std::string allowed_of(std::string headers) {
  const auto lines = preflight_lines(origins, preflight_from("https://a.example", std::move(headers)), "GET");
  const std::string name = "Access-Control-Allow-Headers: ";
  const auto at = lines.find(name);
  if (at == lines.npos) return "(none)";
  return lines.substr(at + name.size(), lines.find("\r\n", at) - at - name.size());
}

}  // namespace

CAF_TEST(without listed origins there are no lines) {
  CAF_CHECK_EQUAL(cors_lines({}, "https://a.example"), "");
  CAF_CHECK_EQUAL(preflight_lines({}, preflight_from("https://a.example", "x-api-key"), "GET"), "");
}

CAF_TEST(a listed origin may read the answer and its useful headers) {
  for (const auto& origin : origins)
    CAF_CHECK_EQUAL(cors_lines(origins, origin),
                    "Vary: Origin\r\nAccess-Control-Allow-Origin: " + origin +
                        "\r\nAccess-Control-Expose-Headers: request-id, retry-after, x-should-retry\r\n");
}

CAF_TEST(other origins only learn that the answer varies) {
  for (const std::string origin : {"", "null", "*", "https://a.example.evil", "https://a.example/",
                                   "http://a.example", "http://localhost", "HTTPS://a.example"}) {
    CAF_CHECK_EQUAL(cors_lines(origins, origin), "Vary: Origin\r\n");
    CAF_CHECK_EQUAL(preflight_lines(origins, preflight_from(origin, "x-api-key"), "GET"), "");
  }
}

CAF_TEST(no answer lets a page send cookies) {
  const auto head = preflight_from("https://a.example", "x-api-key");
  const auto all = cors_lines(origins, head.origin) + preflight_lines(origins, head, "GET");
  CAF_CHECK_EQUAL(all.find("Credentials"), all.npos);
  CAF_CHECK_EQUAL(all.find('*'), all.npos);
}

CAF_TEST(a preflight names the methods of the path) {
  CAF_CHECK_EQUAL(preflight_lines(origins, preflight_from("https://a.example", ""), "GET, HEAD, OPTIONS"),
                  "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\nAccess-Control-Max-Age: 600\r\n");
}

CAF_TEST(a preflight allows what the clients of pages send) {
  const std::string known =
      "authorization, x-api-key, idempotency-key, last-event-id, content-type, user-agent, traceparent, "
      "tracestate, anthropic-version, anthropic-beta, anthropic-dangerous-direct-browser-access, "
      "x-stainless-retry-count, x-stainless-lang, x-stainless-helper";
  CAF_CHECK_EQUAL(allowed_of(known), known);
  CAF_CHECK_EQUAL(allowed_of("Authorization,X-Api-Key ,  Content-Type"),
                  "authorization, x-api-key, content-type");
}

CAF_TEST(a preflight leaves out what this api does not know) {
  CAF_CHECK_EQUAL(allowed_of(""), "(none)");
  CAF_CHECK_EQUAL(allowed_of("cookie"), "(none)");
  CAF_CHECK_EQUAL(allowed_of("cookie, x-api-key, x-api-keys, xanthropic-beta"), "x-api-key");
  CAF_CHECK_EQUAL(allowed_of("x-stainless-\"x, x-stainless-a b, x-stainless-\xc3\xa4, *"), "(none)");
}
