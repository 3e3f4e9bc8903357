// SPDX-License-Identifier: Apache-2.0
#include "http/wire/stream_token.hpp"

#include "events/base/byte_order.hpp"
#include "http/wire/sealed_text.hpp"

#include <fmt/core.h>

namespace sandbase {

namespace {

constexpr std::string_view prefix = "st_";
constexpr std::string_view purpose = "stream token";
constexpr std::size_t fields_size = 3 * 8;

constexpr auto big = byte_order::big;

}  // namespace

std::string stream_token::seal(std::string_view secret) const {
  std::string text;
  append_number<big>(text, workspace);
  append_number<big>(text, key);
  append_number<big>(text, std::int64_t{expires_at.time_since_epoch().count()});
  text += session;
  return fmt::format("{}{}", prefix, sandbase::seal(secret, purpose, text));
}

std::optional<stream_token> stream_token::open(std::string_view text, std::string_view secret) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const auto bytes = unseal(secret, purpose, text.substr(prefix.size()));
  if (!bytes || bytes->size() < fields_size) return std::nullopt;
  std::string_view fields{*bytes};
  stream_token token;
  token.workspace = take_number<big, workspace_key>(fields);
  token.key = take_number<big, api_key_id>(fields);
  token.expires_at = timestamp{std::chrono::milliseconds{take_number<big, std::int64_t>(fields)}};
  token.session = fields;
  return token;
}

}  // namespace sandbase
