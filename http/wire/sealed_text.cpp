// SPDX-License-Identifier: Apache-2.0
#include "http/wire/sealed_text.hpp"

#include "http/wire/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <memory>
#include <new>

namespace sandbase {

namespace {

constexpr int tag_size = 16;

using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
/// As long as SHA-512 makes it and AES-256-SIV takes it.
using sealing_key = std::array<unsigned char, 64>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

sealing_key key_for(std::string_view secret, std::string_view purpose) {
  sealing_key key{};
  unsigned int size = 0;
  if (!HMAC(EVP_sha512(), secret.data(), static_cast<int>(secret.size()), bytes_of(purpose), purpose.size(),
            key.data(), &size))
    throw std::bad_alloc{};
  return key;
}

/// Looked up once: every look-up takes a lock.
const EVP_CIPHER* cipher() {
  static const std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> found{
      EVP_CIPHER_fetch(nullptr, "AES-256-SIV", nullptr), EVP_CIPHER_free};
  return found.get();
}

cipher_context make_context() {
  cipher_context context{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  if (!context) throw std::bad_alloc{};
  return context;
}

}  // namespace

std::string seal(std::string_view secret, std::string_view purpose, std::string_view plain) {
  const auto key = key_for(secret, purpose);
  const auto context = make_context();
  std::string out(tag_size + plain.size(), '\0');
  int size = 0;
  if (EVP_EncryptInit_ex2(context.get(), cipher(), key.data(), nullptr, nullptr) != 1 ||
      EVP_EncryptUpdate(context.get(), bytes_of(out) + tag_size, &size, bytes_of(plain),
                        static_cast<int>(plain.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, out.data()) != 1)
    throw std::bad_alloc{};  // the only way that these can fail
  return base64url(out);
}

std::optional<std::string> unseal(std::string_view secret, std::string_view purpose,
                                  std::string_view sealed) {
  auto bytes = parse_base64url(sealed);
  if (!bytes || bytes->size() <= tag_size) return std::nullopt;
  const auto key = key_for(secret, purpose);
  const auto context = make_context();
  std::string plain(bytes->size() - tag_size, '\0');
  int size = 0;
  if (EVP_DecryptInit_ex2(context.get(), cipher(), key.data(), nullptr, nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, bytes->data()) != 1 ||
      EVP_DecryptUpdate(context.get(), bytes_of(plain), &size, bytes_of(*bytes) + tag_size,
                        static_cast<int>(plain.size())) != 1)
    return std::nullopt;
  return plain;
}

}  // namespace sandbase
