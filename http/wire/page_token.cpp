// SPDX-License-Identifier: Apache-2.0
#include "http/wire/page_token.hpp"

#include "events/base/byte_order.hpp"
#include "http/wire/sealed_text.hpp"
#include "http/wire/text.hpp"

#include <fmt/core.h>

namespace sandbase {

namespace {

// Version and kind in one byte, so that a token of one list is no token of another.
constexpr char events_v1 = 'e';

constexpr auto big = byte_order::big;

std::string purpose_of(workspace_key workspace) { return fmt::format("page of sessions {}", workspace); }

}  // namespace

std::string event_page::encode() const {
  std::string out{events_v1, ascending ? 'a' : 'd'};
  append_number<big>(out, seq);
  append_number<big>(out, low);
  return base64url(out + id);
}

std::optional<event_page> event_page::decode(std::string_view token) {
  const auto bytes = parse_base64url(token);
  if (!bytes || bytes->size() < 18 || (*bytes)[0] != events_v1) return std::nullopt;
  event_page page;
  if ((*bytes)[1] != 'a' && (*bytes)[1] != 'd') return std::nullopt;
  page.ascending = (*bytes)[1] == 'a';
  std::string_view rest{*bytes};
  rest.remove_prefix(2);
  page.seq = take_number<big, seq_t>(rest);
  page.low = take_number<big, seq_t>(rest);
  page.id = rest;
  if (page.seq == 0 || page.seq > max_told_seq || page.low >= page.seq || !is_valid_id(page.id))
    return std::nullopt;
  return page;
}

std::string session_list_page::encode(std::string_view secret, workspace_key workspace) const {
  std::string out{ascending ? 'a' : 'd', previous ? 'p' : 'n'};
  append_number<big>(out, std::int64_t{at.created_at.time_since_epoch().count()});
  append_number<big>(out, at.key);
  return seal(secret, purpose_of(workspace), out);
}

std::optional<session_list_page> session_list_page::decode(std::string_view token, std::string_view secret,
                                                           workspace_key workspace) {
  const auto bytes = unseal(secret, purpose_of(workspace), token);
  if (!bytes || bytes->size() != 18) return std::nullopt;
  std::string_view rest{*bytes};
  session_list_page page;
  page.ascending = rest[0] == 'a';
  page.previous = rest[1] == 'p';
  rest.remove_prefix(2);
  page.at.created_at = timestamp{std::chrono::milliseconds{take_number<big, std::int64_t>(rest)}};
  page.at.key = take_number<big, session_key>(rest);
  return page;
}

}  // namespace sandbase
