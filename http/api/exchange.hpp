// One request on a connection, from its head to its answer.
#pragma once

#include "actors/byte_account.hpp"
#include "http/api/router.hpp"
#include "http/io/io_shard.hpp"
#include "http/wire/body_reader.hpp"
#include "http/wire/query.hpp"
#include "http/wire/request_head.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sandbase {

struct exchange {
  request_head head;
  route_match route;
  query parameters;
  /// req_….
  std::string id;
  /// Header lines that every answer gets (CORS).
  std::string lines;
  /// Null before authentication.
  std::shared_ptr<const api_key> key;
  std::shared_ptr<byte_account> key_bytes;
  body_reader reader;
  std::string body;
  /// For the body.
  std::vector<byte_lease> leases;
  /// Sum over one of the two accounts.
  std::int64_t leased = 0;
  /// For a large answer, until it is written.
  byte_lease answer_lease;
  /// The connection ends behind the answer.
  bool close = false;

  bool is_head() const { return head.method == http_method::head; }
  session_ref session() const { return {key->workspace, route.session_id}; }
};

/// Makes room for `bytes` of body in the accounts of the service and of the key. `unavailable` or
/// `rate_limited` if there is none.
result<void> lease_body(exchange& e, server_state& shared, std::int64_t bytes);

}  // namespace sandbase
