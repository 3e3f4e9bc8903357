// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE credentials
#include "http/wire/credentials.hpp"

#include "test/unit/support/test.hpp"

using namespace sandbase;

namespace {

using texts = std::vector<std::string>;

/// The key, or the message of the refusal.
std::string found(texts authorization, texts api_key) {
  request_head head;
  head.authorization = std::move(authorization);
  head.api_key = std::move(api_key);
  const auto key = find_credentials(head);
  if (!key && key.error().code != errc::unauthorized) CAF_FAIL("wrong code");
  return key ? "key " + *key : key.error().message;
}

const std::string none = "an API key is required, as `Authorization: Bearer …` or `x-api-key`";
const std::string empty = "the API key is empty";
const std::string other_scheme = "Authorization: must be `Bearer` and an API key";
const std::string two = "two different API keys were given";

}  // namespace

CAF_TEST(a key comes in either header) {
  CAF_CHECK_EQUAL(found({"Bearer k"}, {}), "key k");
  CAF_CHECK_EQUAL(found({"bearer  k "}, {}), "key k");
  CAF_CHECK_EQUAL(found({"BEARER \tk"}, {}), "key k");
  CAF_CHECK_EQUAL(found({}, {"k"}), "key k");
}

CAF_TEST(the same key may be given again) {
  CAF_CHECK_EQUAL(found({"Bearer k"}, {"k"}), "key k");
  CAF_CHECK_EQUAL(found({"Bearer k", "bearer k"}, {}), "key k");
  CAF_CHECK_EQUAL(found({}, {"k", "k"}), "key k");
}

CAF_TEST(a header without a key counts as absent beside one) {
  CAF_CHECK_EQUAL(found({"Bearer k"}, {""}), "key k");
  CAF_CHECK_EQUAL(found({""}, {"k"}), "key k");
  CAF_CHECK_EQUAL(found({"Bearer"}, {"k"}), "key k");
  CAF_CHECK_EQUAL(found({"Bearer "}, {"k"}), "key k");
  CAF_CHECK_EQUAL(found({"Basic dXNlcjpw"}, {"k"}), "key k");
  CAF_CHECK_EQUAL(found({"Basic dXNlcjpw", "Bearer k"}, {}), "key k");
  CAF_CHECK_EQUAL(found({}, {"", "k"}), "key k");
}

CAF_TEST(two different keys are none) {
  CAF_CHECK_EQUAL(found({"Bearer k"}, {"other"}), two);
  CAF_CHECK_EQUAL(found({"Bearer k", "Bearer other"}, {}), two);
  CAF_CHECK_EQUAL(found({}, {"k", "other"}), two);
  CAF_CHECK_EQUAL(found({"Bearer other", "Basic x"}, {"", "k"}), two);
  CAF_CHECK_EQUAL(found({"Bearer k"}, {"K"}), two);
}

CAF_TEST(without any key the refusal says what is wrong) {
  CAF_CHECK_EQUAL(found({}, {}), none);
  CAF_CHECK_EQUAL(found({}, {""}), empty);
  CAF_CHECK_EQUAL(found({""}, {}), empty);
  CAF_CHECK_EQUAL(found({"Bearer"}, {}), empty);
  CAF_CHECK_EQUAL(found({"Bearer "}, {""}), empty);
  CAF_CHECK_EQUAL(found({"Basic dXNlcjpw"}, {}), other_scheme);
  CAF_CHECK_EQUAL(found({"Basic dXNlcjpw"}, {""}), other_scheme);
  CAF_CHECK_EQUAL(found({"k"}, {}), other_scheme);
}
