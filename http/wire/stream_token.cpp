#include "http/wire/stream_token.hpp"

#include "http/wire/text.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace sandbase {

namespace {

constexpr std::string_view prefix = "st_";
constexpr char version = 1;
constexpr std::size_t fields_size = 1 + 3 * 8;
constexpr std::size_t mac_size = 32;

void put(std::string& out, std::int64_t n) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<std::uint64_t>(n) >> shift & 0xff);
}

std::int64_t take(std::string_view& in) {
  std::uint64_t n = 0;
  for (int i = 0; i < 8; ++i) n = n << 8 | static_cast<unsigned char>(in[static_cast<std::size_t>(i)]);
  in.remove_prefix(8);
  return static_cast<std::int64_t>(n);
}

std::string mac_of(std::string_view secret, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  return {reinterpret_cast<const char*>(mac.data()), size};
}

}  // namespace

std::string stream_token::sign(std::string_view secret) const {
  std::string text{version};
  put(text, workspace);
  put(text, key);
  put(text, expires_at.time_since_epoch().count());
  text += session;
  text += mac_of(secret, text);
  return std::string{prefix} + base64url(text);
}

std::optional<stream_token> stream_token::verify(std::string_view text, std::string_view secret) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const auto bytes = parse_base64url(text.substr(prefix.size()));
  if (!bytes || bytes->size() < fields_size + mac_size || bytes->front() != version) return std::nullopt;
  auto fields = std::string_view{*bytes}.substr(0, bytes->size() - mac_size);
  const auto mac = mac_of(secret, fields);
  if (CRYPTO_memcmp(mac.data(), bytes->data() + fields.size(), mac_size) != 0) return std::nullopt;
  fields.remove_prefix(1);
  stream_token token;
  token.workspace = take(fields);
  token.key = take(fields);
  token.expires_at = timestamp{std::chrono::milliseconds{take(fields)}};
  token.session = fields;
  return token;
}

}  // namespace sandbase
