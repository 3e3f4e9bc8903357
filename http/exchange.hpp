// One request on a connection, from its head to its answer.
#pragma once

#include "actors/byte_account.hpp"
#include "http/body_reader.hpp"
#include "http/http_worker.hpp"
#include "http/query.hpp"
#include "http/request_head.hpp"
#include "http/router.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sandbase {

struct exchange {
  request_head head;
  route_match route;
  query parameters;
  std::string id;                      ///< req_…
  std::string lines;                   ///< header lines that every answer gets (CORS)
  std::shared_ptr<const api_key> key;  ///< null before authentication
  std::shared_ptr<byte_account> key_bytes;
  body_reader reader;
  std::string body;
  std::vector<byte_lease> leases;  ///< for the body
  std::int64_t leased = 0;         ///< sum over one of the two accounts
  byte_lease answer_lease;         ///< for a large answer, until it is written
  bool close = false;              ///< the connection ends behind the answer

  bool is_head() const { return head.method == http_method::head; }
  session_ref session() const { return {key->workspace, route.session_id}; }
};

/// Makes room for `bytes` of body in the accounts of the service and of the key. `unavailable` or
/// `rate_limited` if there is none.
result<void> lease_body(exchange& e, service& shared, std::int64_t bytes);

}  // namespace sandbase
