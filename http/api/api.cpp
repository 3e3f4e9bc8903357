#include "http/api/api.hpp"

#include <algorithm>

namespace sandbase {

void handle_request(connection& c) {
  switch (c.current().route.to) {
    case route::create_session:
      return create_session_call(c);
    case route::list_sessions:
      return list_sessions_call(c);
    case route::get_session:
      return get_session_call(c);
    case route::update_session:
      return update_session_call(c);
    case route::archive_session:
      return archive_session_call(c);
    case route::delete_session:
      return delete_session_call(c);
    case route::send_events:
      return send_events_call(c);
    case route::list_events:
      return list_events_call(c);
    case route::stream_events:
      return stream_events_call(c);
    case route::mint_stream_token:
      return mint_stream_token_call(c);
    case route::health:
      return health_call(c);
    case route::ready:
      return ready_call(c);
    case route::not_found:
    case route::method_not_allowed:
    case route::preflight:
      break;  // answered before
  }
  c.fail(failure{errc::internal, "a request without a handler"});
}

void answer_list(connection& c, outbox body) {
  const auto bytes = static_cast<std::int64_t>(body.bytes());
  auto& account = c.shared().bytes_out;
  if (!account.try_take(bytes))
    return c.fail(failure{errc::unavailable, "more than http.max_bytes_out (" +
                                                 std::to_string(account.limit()) +
                                                 " bytes) would be on their way to slow readers, try again"});
  c.current().answer_lease = byte_lease{account, bytes};
  c.answer(std::move(body));
}

result<std::string> idempotency_key_of(const exchange& e) {
  const auto& key = e.head.idempotency_key;
  if (!key) return std::string{};
  const bool printable =
      std::all_of(key->begin(), key->end(), [](char ch) { return ch >= ' ' && ch <= '~'; });
  if (key->empty() || key->size() > 255 || !printable)
    return {errc::invalid, "Idempotency-Key: must have 1 to 255 printable ASCII characters"};
  return *key;
}

}  // namespace sandbase
