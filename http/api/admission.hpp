// SPDX-License-Identifier: Apache-2.0
// Who may: from the head of a request to its handler or its refusal. Plain functions: what has to be asked of
// the store is asked by the connection.
#pragma once

#include "http/api/exchange.hpp"
#include "http/wire/request_reader.hpp"
#include "http/wire/response.hpp"

#include <optional>

namespace sandbase {

/// The largest body of a request that has no use for one: GET, HEAD and DELETE.
inline constexpr std::size_t max_useless_body_bytes = 16 * 1024;

/// What becomes of a request whose head is there.
struct head_verdict {
  enum class kind : std::uint8_t {
    /// To be answered with `reply`.
    refused,
    /// OPTIONS: to be answered with what the path can do.
    options,
    /// Its caller has to be known first.
    identify,
    /// Open to anybody.
    admitted,
  };
  kind what = kind::refused;
  error_reply reply;
};
/// Finds the route, the parameters and the CORS lines of `e`, and judges the head and the announced length of
/// the body. @pre `reader` has read the head of `e`, or refused it
head_verdict admit_head(exchange& e, request_reader& reader, http_surface surface, const server_state& all);

/// Header lines of the answer to OPTIONS.
std::string options_lines(const exchange& e, http_surface surface, const server_state& all);

/// Whom a request claims to come from.
struct credential {
  find_key question;
  /// Of the key, with a stream token.
  std::optional<workspace_key> workspace;
  bool is_token() const { return workspace.has_value(); }
};
/// `unauthorized` if there is none, or one that cannot be good.
result<credential> credential_of(const exchange& e, const server_state& all);
/// `unauthorized` unless the key is there and not revoked.
result<void> judge_key(const credential& given, const found_key& found);
/// `forbidden` unless the role may use the route.
result<void> judge_role(const route& r, const api_key& key);

/// An empty lease on the accounts of this key.
request_lease_ptr make_lease(const known_key& known, const server_state& all);
/// Has the request hold room for `bytes` of body. `rate_limited` or `unavailable`, with the limit's name, if
/// there is none.
result<void> lease_body(request_lease& lease, std::size_t bytes);
/// The same when all of it has come and the request goes to work: that takes room however short it is.
result<void> lease_work(request_lease& lease, std::size_t bytes);

/// The refusal of a body that is too large for its route.
failure body_too_large(const exchange& e, const server_state& all);

}  // namespace sandbase
