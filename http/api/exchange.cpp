#include "http/api/exchange.hpp"

#include <algorithm>

namespace sandbase {

result<void> lease_body(exchange& e, server_state& shared, std::int64_t bytes) {
  if (bytes <= e.leased) return {};
  // Chunked bodies grow by doubling, so that they need few leases.
  const auto most = static_cast<std::int64_t>(shared.options.max_body_bytes);
  const auto wanted =
      e.head.content_length ? bytes : std::min(std::max(bytes, 2 * e.leased), std::max(bytes, most));
  const auto more = wanted - e.leased;
  if (!e.key_bytes->try_take(more))
    return {errc::rate_limited, "this API key has too many bytes of requests in flight, try again"};
  e.leases.emplace_back(*e.key_bytes, more);
  if (!shared.bytes_in.try_take(more))
    return {errc::unavailable, "too many bytes of requests are in flight, try again"};
  e.leases.emplace_back(shared.bytes_in, more);
  e.leased += more;
  return {};
}

}  // namespace sandbase
