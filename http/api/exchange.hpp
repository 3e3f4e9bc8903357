// SPDX-License-Identifier: Apache-2.0
// One request on a connection, from its head to its answer.
#pragma once

#include "actors/bounds/request_lease.hpp"
#include "actors/messages/receipt.hpp"
#include "http/api/routes.hpp"
#include "http/io/io_shard.hpp"
#include "http/wire/query.hpp"
#include "http/wire/request_head.hpp"

#include <memory>
#include <string>

namespace sandbase {

struct exchange {
  request_head head;
  route_match route;
  query parameters;
  /// req_…
  std::string id;
  /// Header lines that every answer gets (CORS).
  std::string lines;
  /// Null before authentication.
  std::shared_ptr<const api_key> key;
  /// When the key was last known to be good.
  io_thread::clock::time_point key_checked_at{};
  std::string body;
  /// Of the answer, once it is given.
  int status = 0;
  /// What the request holds of the bounds on bytes that come in. Goes with the body to whoever works on it.
  request_lease_ptr lease;
  /// Tells whether the client has taken the answer; of a POST only.
  receipt_ptr client;
  /// The connection ends behind the answer.
  bool close = false;

  bool is_head() const { return head.method == http_method::head; }
  session_ref session() const { return {key->workspace, route.session_id}; }
};

}  // namespace sandbase
