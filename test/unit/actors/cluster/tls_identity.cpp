// SPDX-License-Identifier: Apache-2.0
#define CAF_SUITE tls_identity
#include "actors/cluster/tls_identity.hpp"

#include "test/unit/support/test.hpp"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <string>

using namespace sandbase;
using namespace std::chrono_literals;

namespace {

const std::string secret = "a secret of more than thirty-two characters";
const auto today = std::chrono::system_clock::from_time_t(1'770'000'000);

std::string der(const X509& certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(&certificate, &bytes);
  CAF_REQUIRE(size > 0);
  std::string out{reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
  OPENSSL_free(bytes);
  return out;
}

/// What OpenSSL says of a leaf under an authority, at a time, for a purpose.
int verify(const X509& leaf, const X509& authority, std::chrono::system_clock::time_point at,
           int purpose = X509_PURPOSE_SSL_CLIENT) {
  const std::unique_ptr<X509_STORE, openssl_free<X509_STORE_free>> store{X509_STORE_new()};
  const x509_ptr trusted{X509_dup(&authority)};
  const x509_ptr shown{X509_dup(&leaf)};
  X509_STORE_add_cert(store.get(), trusted.get());
  const std::unique_ptr<X509_STORE_CTX, openssl_free<X509_STORE_CTX_free>> context{X509_STORE_CTX_new()};
  X509_STORE_CTX_init(context.get(), store.get(), shown.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_STORE_CTX_set_time(context.get(), 0, std::chrono::system_clock::to_time_t(at));
  return X509_verify_cert(context.get()) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context.get());
}

cluster_authority authority(const std::string& of = secret, const std::string& cluster = "test") {
  auto made = cluster_authority::derive(of, cluster);
  if (!made) CAF_FAIL("refused: " << made.error().message);
  return *std::move(made);
}

tls_identity issue(const cluster_authority& by) {
  auto made = by.issue("node-1", today);
  if (!made) CAF_FAIL("refused: " << made.error().message);
  return *std::move(made);
}

}  // namespace

CAF_TEST(one secret and name make one authority) {
  const auto a = authority();
  CAF_CHECK(der(a.certificate()) == der(authority().certificate()));
  CAF_CHECK(der(a.certificate()) != der(authority(secret + '.').certificate()));
  CAF_CHECK(der(a.certificate()) != der(authority(secret, "other").certificate()));
  CAF_CHECK(der(*issue(a).authority) == der(a.certificate()));
}

CAF_TEST(the authority is the same on every machine and in every version) {
  // A node of a version that derives another one gets no link. The key was made by Python and the openssl
  // command, from scrypt (n = 65536, r = 8, p = 1) of this secret, salt "sandbase-events cluster test".
  std::array<unsigned char, 32> raw{};
  auto size = raw.size();
  const pkey_ptr key{X509_get_pubkey(const_cast<X509*>(&authority().certificate()))};
  CAF_REQUIRE(key);
  CAF_REQUIRE_EQUAL(EVP_PKEY_get_raw_public_key(key.get(), raw.data(), &size), 1);
  std::string hex;
  for (const auto byte : raw) hex += "0123456789abcdef"[byte >> 4], hex += "0123456789abcdef"[byte & 15];
  CAF_CHECK_EQUAL(hex, "401dc652fc51f1edf29bdbf1626b36f0d326350c1d3821bfbc7257f150ce3051");
}

CAF_TEST(a node is of the cluster whose secret made it) {
  const auto mine = authority();
  const auto node = issue(mine);
  const auto elsewhere = authority();
  for (const auto purpose : {X509_PURPOSE_SSL_CLIENT, X509_PURPOSE_SSL_SERVER})
    CAF_CHECK_EQUAL(verify(*node.certificate, elsewhere.certificate(), today, purpose), X509_V_OK);
  CAF_CHECK_EQUAL(verify(*node.certificate, authority(secret + '.').certificate(), today),
                  X509_V_ERR_CERT_SIGNATURE_FAILURE);
  CAF_CHECK_EQUAL(verify(*node.certificate, authority(secret, "other").certificate(), today),
                  X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  CAF_CHECK_EQUAL(X509_check_private_key(node.certificate.get(), node.key.get()), 1);
  // Nobody can be under a node.
  CAF_CHECK_EQUAL(X509_check_ca(node.certificate.get()), 0);
}

CAF_TEST(a node has a key of its own each time) {
  const auto a = authority();
  CAF_CHECK_EQUAL(EVP_PKEY_eq(issue(a).key.get(), issue(a).key.get()), 0);
}

CAF_TEST(a certificate holds from a day before for ten years) {
  const auto a = authority();
  const auto node = issue(a);
  const auto at = [&](std::chrono::system_clock::time_point when) {
    return verify(*node.certificate, a.certificate(), when);
  };
  CAF_CHECK_EQUAL(at(today - 24h - 2s), X509_V_ERR_CERT_NOT_YET_VALID);
  CAF_CHECK_EQUAL(at(today - 24h), X509_V_OK);
  CAF_CHECK_EQUAL(at(today + 10 * 365 * 24h - 2s), X509_V_OK);
  CAF_CHECK_EQUAL(at(today + 10 * 365 * 24h + 2s), X509_V_ERR_CERT_HAS_EXPIRED);
}

CAF_TEST(a short secret is refused) {
  const auto refused = cluster_authority::derive(std::string(31, 'x'), "test");
  CAF_REQUIRE(!refused);
  CAF_CHECK(refused.error().code == errc::invalid);
  CAF_CHECK_EQUAL(refused.error().message, "the cluster's secret must have at least 32 characters");
}
