// SPDX-License-Identifier: Apache-2.0
// What the directory is sent, and what it answers.
#pragma once

#include "actors/actors.hpp"
#include "events/session/session.hpp"
#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"

#include <memory>
#include <string>

namespace sandbase {

struct lookup_request {
  workspace_key workspace = 0;
  std::string id;
};
struct lookup_answer {
  session_actor session;
};
struct create_session {
  workspace_key workspace = 0;
  api_key_id author = 0;
  std::shared_ptr<const create_request> request;
  std::string idempotency_key;
  digest body{};
  /// As of an append_request.
  std::shared_ptr<const void> lease;
};
struct session_created {
  std::shared_ptr<const session_header> header;
};
struct session_stays {
  session_key session = 0;
};
struct session_goes {
  session_key session = 0;
};
struct directory_tick {};
struct retire_all {};
struct done_answer {};

}  // namespace sandbase
