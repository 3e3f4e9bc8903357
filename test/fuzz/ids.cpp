// SPDX-License-Identifier: Apache-2.0
// Small texts with one spelling each: event ids, times, heads, page and stream tokens.
#include "events/base/exact_time.hpp"
#include "events/base/hex.hpp"
#include "events/base/utf8.hpp"
#include "events/ids/event_id.hpp"
#include "events/log/hash_chain.hpp"
#include "http/wire/page_token.hpp"
#include "http/wire/stream_token.hpp"
#include "http/wire/text.hpp"
#include "test/fuzz/support/fuzz.hpp"

using namespace sandbase;
using fuzz::demand;

namespace {

constexpr std::string_view secret = "a secret of the store";

/// A number made of the text's first bytes; the text loses them.
std::uint64_t take_number(std::string_view& text) {
  std::uint64_t n = 0;
  for (int i = 0; i < 8 && !text.empty(); ++i) {
    n = n << 8 | static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
  }
  return n;
}

timestamp time_of(std::uint64_t n) {
  return timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(n % 250'000'000'000'000)}};
}

void read_ids(std::string_view text) {
  const bool valid = is_valid_id(text);
  if (valid) {
    demand(text.size() <= max_id_size, "an id is short", text);
    demand(json::quoted(text) == '"' + std::string{text} + '"', "an id needs no escapes", text);
  }
  if (const auto seq = told_place(text))
    demand(valid && *seq > 0 && *seq <= max_told_seq, "an id that tells a place is one", text);
}

void make_ids(std::string_view text) {
  const auto time = time_of(take_number(text));
  const seq_t seq = take_number(text) % max_told_seq;
  const auto noise = take_number(text);
  const auto id = make_event_id(time, seq + 1, noise);
  demand(is_valid_id(id), "a made id is valid", id);
  demand(told_place(id) == seq + 1, "a made id tells its place", id);
  if (seq + 2 <= max_told_seq)
    demand(id < make_event_id(time + std::chrono::milliseconds{noise % 1000}, seq + 2, ~noise),
           "ids sort as their log", id);
  demand(is_valid_id(make_id("outc", time, static_cast<std::uint16_t>(noise), noise)),
         "any made id is valid");
}

void read_tokens(std::string_view text) {
  if (const auto page = event_page::decode(text)) {
    demand(page->encode() == text, "an event page has one spelling", text);
    demand(page->low < page->seq && page->seq <= max_told_seq && is_valid_id(page->id),
           "an event page names a place in a log", text);
    demand(!session_list_page::decode(text, secret, 1), "a page of one list is none of another", text);
  }
  if (const auto page = session_list_page::decode(text, secret, 1))
    demand(page->encode(secret, 1) == text, "a page of sessions has one spelling", text);
  if (const auto token = stream_token::open(text, secret))
    demand(token->seal(secret) == text, "a stream token is what was sealed", text);
}

void make_tokens(std::string_view text) {
  const auto first = take_number(text);
  const auto second = take_number(text);
  event_page page;
  page.ascending = first % 2 == 0;
  page.seq = 1 + first % max_told_seq;
  page.low = second % page.seq;
  page.id = is_valid_id(text) ? std::string{text} : make_event_id(time_of(second), page.seq, first);
  demand(event_page::decode(page.encode()) == page, "an event page comes back", page.id);

  const session_list_page list{
      first % 2 == 0, second % 2 == 0, {time_of(second), static_cast<session_key>(first)}};
  const auto workspace = static_cast<workspace_key>(second);
  const auto listed = list.encode(secret, workspace);
  demand(session_list_page::decode(listed, secret, workspace) == list, "a page of sessions comes back");
  demand(!session_list_page::decode(listed, secret, workspace ^ 1), "a page of sessions is of one workspace");

  const stream_token token{static_cast<workspace_key>(first), static_cast<api_key_id>(second), time_of(first),
                           std::string{text}};
  auto sealed = token.seal(secret);
  const auto back = stream_token::open(sealed, secret);
  demand(back && back->workspace == token.workspace && back->key == token.key &&
             back->expires_at == token.expires_at && back->session == token.session,
         "a stream token comes back", sealed);
  demand(!stream_token::open(sealed, "another secret"), "a stream token is bound to its secret");
  auto& changed = sealed[second % sealed.size()];
  changed = changed == 'A' ? 'B' : 'A';
  demand(!stream_token::open(sealed, secret), "a changed stream token is refused", sealed);
}

void read_times(std::string_view text) {
  if (const auto t = parse_exact_time(text)) {
    const auto shown = format_exact_time(*t);
    demand(parse_exact_time(shown) == t, "an exact time comes back", shown);
    demand(parse_timestamp(text) == t->ms, "a time is an exact one without its digits", text);
  }
  if (const auto t = parse_timestamp(text)) {
    const auto shown = format_timestamp(*t);
    demand(parse_timestamp(shown) == t, "a time comes back", shown);
    demand(shown.size() == 24, "a time has one form", shown);
    // Up to its seconds, a time in UTC is shown as it was given, unless it is a leap second.
    if (text.ends_with('Z') && text.substr(17, 2) != "60")
      demand(shown.substr(0, 10) == text.substr(0, 10) && shown.substr(11, 8) == text.substr(11, 8),
             "a time in UTC is shown as it was given", text);
  }
  if (const auto head = parse_head(text)) demand(format_head(*head) == text, "a head has one spelling", text);
  if (const auto n = parse_number(text))
    demand(std::to_string(*n) == text.substr(std::min(text.find_first_not_of('0'), text.size() - 1)),
           "a number is its digits", text);
}

void read_text(std::string_view text) {
  const auto encoded = base64url(text);
  demand(parse_base64url(encoded) == std::string{text}, "base64url comes back", encoded);
  if (const auto bytes = parse_base64url(text))
    demand(base64url(*bytes) == text, "base64url has one spelling", text);
  demand(is_utf8(text) == static_cast<bool>(json::validate(json::quoted(text))), "one opinion on UTF-8",
         text);

  std::string escaped;
  for (const char c : text) escaped.append("%").append(to_hex({&c, 1}));
  demand(percent_decode(escaped, true) == std::string{text}, "escapes come back", escaped);
  for (const auto part : split(text, ','))
    demand(!part.empty() && part == trim(part) && part.find(',') == part.npos, "parts are trimmed", part);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::input in{data, size};
  switch (in.choice(6)) {
    case 0:
      read_ids(in.text());
      break;
    case 1:
      make_ids(in.text());
      break;
    case 2:
      read_tokens(in.text());
      break;
    case 3:
      make_tokens(in.text());
      break;
    case 4:
      read_times(in.text());
      break;
    default:
      read_text(in.text());
  }
  return 0;
}
