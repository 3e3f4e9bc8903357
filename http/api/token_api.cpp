// SPDX-License-Identifier: Apache-2.0
// Minting stream tokens.
#include "events/event/field_reader.hpp"
#include "events/json/field_path.hpp"
#include "events/json/json_document.hpp"
#include "http/api/api.hpp"
#include "http/wire/stream_token.hpp"

#include <fmt/core.h>

namespace sandbase {

namespace {

constexpr std::int64_t shortest_life = 60;
constexpr std::int64_t longest_life = 3600;
constexpr std::int64_t usual_life = 900;

/// `{"ttl_seconds": …}`, or nothing.
result<std::chrono::seconds> read_life(std::string_view body) {
  std::int64_t seconds = usual_life;
  if (body.empty()) return std::chrono::seconds{seconds};
  const auto document = json::document::read_body(body);
  if (!document) return document.error();
  const auto root = document->root();
  const field_path path;
  if (!root.is(json::kind::object)) return invalid_at(path, "must be an object");
  field_reader fields{root, path};
  fields.integer("ttl_seconds", seconds, shortest_life);
  if (fields.good() && seconds > longest_life) fields.blame("ttl_seconds", "must be between 60 and 3600");
  if (!fields.good()) return fields.error();
  return std::chrono::seconds{seconds};
}

}  // namespace

void mint_stream_token_call(call& c) {
  c.read_body(read_life, [&c](const result<std::chrono::seconds>& life) {
    if (!life) return c.fail(life.error());
    // Only for a session that is there: a token for another would look like a promise.
    c.ask_current_session<session_view>(describe_request{}, [&c,
                                                             life = *life](const result<session_view>& view) {
      if (!view) return c.fail(view.error());
      const auto& e = c.current();
      const stream_token token{e.key->workspace, e.key->id, c.shared().now() + life, e.route.session_id};
      c.answer(fmt::format(R"({{"token":"{}","expires_at":"{}"}})",
                           token.seal(c.shared().options.token_secret), format_timestamp(token.expires_at)));
    });
  });
}

}  // namespace sandbase
