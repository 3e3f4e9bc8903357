// The handlers of requests: each reads what connection.current() holds,
// asks the actors behind and answers through the connection.
#pragma once

#include "http/server/connection.hpp"

namespace sandbase {

/// Hands a request whose body is there (and, on the API, whose key is known and may do this) to its handler.
void handle_request(connection& c);

// sessions_api.cpp, session_list_api.cpp
void create_session_call(connection& c);
void get_session_call(connection& c);
void update_session_call(connection& c);
void archive_session_call(connection& c);
void delete_session_call(connection& c);
void list_sessions_call(connection& c);
// events_api.cpp, event_list_api.cpp
void send_events_call(connection& c);
void stream_events_call(connection& c);
// token_api.cpp
void mint_stream_token_call(connection& c);
void list_events_call(connection& c);
// admin.cpp
void health_call(connection& c);
void ready_call(connection& c);

/// Answers with a list, whose bytes count against `http.max_bytes_out` until they are written.
void answer_list(connection& c, outbox body);

/// The Idempotency-Key of a request, empty if none is given. `invalid`
/// unless it has 1 to 255 printable ASCII characters.
result<std::string> idempotency_key_of(const exchange& e);

}  // namespace sandbase
