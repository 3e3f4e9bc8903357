// SPDX-License-Identifier: Apache-2.0
// The handlers of requests: each reads what call.current() holds,
// asks the actors behind and answers through the call.
#pragma once

#include "http/api/call.hpp"

namespace sandbase {

// sessions_api.cpp, session_list_api.cpp
void create_session_call(call& c);
void get_session_call(call& c);
void update_session_call(call& c);
void archive_session_call(call& c);
void delete_session_call(call& c);
void list_sessions_call(call& c);
// watch_api.cpp
void watch_sessions_call(call& c);
// events_api.cpp, event_list_api.cpp
void send_events_call(call& c);
void stream_events_call(call& c);
void list_events_call(call& c);
// transfer_api.cpp
void import_sessions_call(call& c);
void export_session_call(call& c);
// redaction_api.cpp
void redact_event_call(call& c);
// token_api.cpp
void mint_stream_token_call(call& c);
// ../inspector/inspector.cpp
void show_inspector_call(call& c);
// openapi_api.cpp
void get_openapi_call(call& c);
// admin.cpp
void health_call(call& c);
void ready_call(call& c);
// statusz.cpp
void status_call(call& c);

/// Answers with a list, whose bytes count against `http.max_bytes_out` until they are written.
void answer_list(call& c, outbox body);

/// Counts the stream to come among those of its key, as long as `job` lasts. `rate_limited` if that would be
/// too many.
result<void> take_place(call& c, stream_job& job);

/// The Idempotency-Key of a request, empty if none is given. `invalid`
/// unless it has 1 to 255 printable ASCII characters.
result<std::string> idempotency_key_of(const exchange& e);

}  // namespace sandbase
