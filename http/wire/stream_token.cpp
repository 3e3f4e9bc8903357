// SPDX-License-Identifier: Apache-2.0
#include "http/wire/stream_token.hpp"

#include "http/wire/sealed_text.hpp"

namespace sandbase {

namespace {

constexpr std::string_view prefix = "st_";
constexpr std::string_view purpose = "stream token";
constexpr std::size_t fields_size = 3 * 8;

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

}  // namespace

std::string stream_token::seal(std::string_view secret) const {
  std::string text;
  put(text, workspace);
  put(text, key);
  put(text, expires_at.time_since_epoch().count());
  text += session;
  return std::string{prefix} + sandbase::seal(secret, purpose, text);
}

std::optional<stream_token> stream_token::open(std::string_view text, std::string_view secret) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const auto bytes = unseal(secret, purpose, text.substr(prefix.size()));
  if (!bytes || bytes->size() < fields_size) return std::nullopt;
  std::string_view fields{*bytes};
  stream_token token;
  token.workspace = take(fields);
  token.key = take(fields);
  token.expires_at = timestamp{std::chrono::milliseconds{take(fields)}};
  token.session = fields;
  return token;
}

}  // namespace sandbase
