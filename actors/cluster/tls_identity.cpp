// SPDX-License-Identifier: Apache-2.0
#include "actors/cluster/tls_identity.hpp"

#include "events/base/random_bytes.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <string>
#include <utility>

namespace sandbase {

namespace {

using namespace std::chrono_literals;

// Cost of scrypt: 128 * N * r bytes of memory.
constexpr std::uint64_t scrypt_n = 1 << 16;
constexpr std::uint64_t scrypt_r = 8;
constexpr std::uint64_t scrypt_p = 1;
constexpr std::uint64_t scrypt_max_memory = 128 * 1024 * 1024;

constexpr auto leaf_head_start = 24h;
constexpr auto leaf_life = 10 * 365 * 24h;

failure openssl_failure(const char* what) {
  const auto code = ERR_peek_last_error();
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  ERR_clear_error();
  return {errc::internal, std::string{what} + (code == 0 ? "" : std::string{": "} + text.data())};
}

/// Raw bytes of a private key; wiped when let go of.
struct key_bytes {
  std::array<std::uint8_t, 32> bytes{};
  ~key_bytes() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

pkey_ptr ed25519(const key_bytes& raw) {
  return pkey_ptr{
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw.bytes.data(), raw.bytes.size())};
}

bool add_name(X509_NAME* name, const char* part, std::string_view text) {
  return X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

bool add_extension(X509* to, int what, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, openssl_free<X509_EXTENSION_free>> extension{
      X509V3_EXT_conf_nid(nullptr, &context, what, value)};
  return extension && X509_add_ext(to, extension.get(), -1) == 1;
}

/// The certificate that every node makes for itself: nothing in it may depend on the node or on the time, and
/// signatures of Ed25519 do not.
x509_ptr certificate_of_authority(EVP_PKEY* key, std::string_view cluster) {
  x509_ptr made{X509_new()};
  if (!made) return {};
  auto* const x = made.get();
  auto* const name = X509_get_subject_name(x);
  const bool ok =
      X509_set_version(x, X509_VERSION_3) == 1 && ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), 1) == 1 &&
      add_name(name, "O", "sandbase-events cluster") && add_name(name, "CN", cluster) &&
      X509_set_issuer_name(x, name) == 1 &&
      ASN1_TIME_set_string(X509_getm_notBefore(x), "20200101000000Z") == 1 &&
      // RFC 5280: never.
      ASN1_TIME_set_string(X509_getm_notAfter(x), "99991231235959Z") == 1 && X509_set_pubkey(x, key) == 1 &&
      add_extension(x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
      add_extension(x, NID_key_usage, "critical,keyCertSign") && X509_sign(x, key, nullptr) > 0;
  return ok ? std::move(made) : x509_ptr{};
}

}  // namespace

result<cluster_authority> cluster_authority::derive(std::string_view secret, std::string_view cluster) {
  if (secret.size() < min_cluster_secret_bytes)
    return {errc::invalid, "the cluster's secret must have at least " +
                               std::to_string(min_cluster_secret_bytes) + " characters"};
  const auto salt = "sandbase-events cluster " + std::string{cluster};
  key_bytes raw;
  if (EVP_PBE_scrypt(secret.data(), secret.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                     salt.size(), scrypt_n, scrypt_r, scrypt_p, scrypt_max_memory, raw.bytes.data(),
                     raw.bytes.size()) != 1)
    return openssl_failure("cannot derive the cluster's key");
  auto key = ed25519(raw);
  if (!key) return openssl_failure("cannot make the cluster's key");
  auto certificate = certificate_of_authority(key.get(), cluster);
  if (!certificate) return openssl_failure("cannot make the cluster's certificate");
  return cluster_authority{std::move(key), std::move(certificate)};
}

result<tls_identity> cluster_authority::issue(std::string_view node,
                                              std::chrono::system_clock::time_point now) const {
  key_bytes raw;
  random_bytes(raw.bytes);
  tls_identity made{x509_ptr{X509_dup(certificate_.get())}, x509_ptr{X509_new()}, ed25519(raw)};
  if (!made.authority || !made.certificate || !made.key) return openssl_failure("cannot make a node's key");
  std::array<std::uint8_t, 8> serial{};
  random_bytes(serial);
  std::uint64_t number = 1;
  for (const auto byte : serial) number = number << 8 | byte;
  const auto from = std::chrono::system_clock::to_time_t(now - leaf_head_start);
  const auto until = std::chrono::system_clock::to_time_t(now + leaf_life);
  auto* const x = made.certificate.get();
  const bool ok =
      X509_set_version(x, X509_VERSION_3) == 1 &&
      ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), number) == 1 &&
      add_name(X509_get_subject_name(x), "CN", node) &&
      X509_set_issuer_name(x, X509_get_subject_name(certificate_.get())) == 1 &&
      ASN1_TIME_set(X509_getm_notBefore(x), from) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(x), until) != nullptr && X509_set_pubkey(x, made.key.get()) == 1 &&
      add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(x, NID_key_usage, "critical,digitalSignature") &&
      add_extension(x, NID_ext_key_usage, "serverAuth,clientAuth") && X509_sign(x, key_.get(), nullptr) > 0;
  if (!ok) return openssl_failure("cannot make the node's certificate");
  return made;
}

}  // namespace sandbase
