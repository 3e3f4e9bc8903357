// SPDX-License-Identifier: Apache-2.0
// What the directory is sent, and what it answers.
#pragma once

#include "actors/actors.hpp"
#include "actors/bounds/request_lease.hpp"
#include "actors/messages/receipt.hpp"
#include "events/base/fingerprint.hpp"
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
  /// `x-stainless-retry-count` >= 1, as of an append_request.
  bool is_retry = false;
  /// Of what is asked for; read only without an idempotency key.
  fingerprint print;
  /// As of an append_request.
  request_lease_ptr lease{};
  receipt_ptr client;
  /// As of an append_request; the request is an empty one then.
  failure unfit{};
  /// As it came, for an edge, which hands it on, and who sent it; else null.
  std::shared_ptr<const std::string> text{};
  role may = role::viewer;
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
