// SPDX-License-Identifier: Apache-2.0
// What an edge, a node without a store, asks of the nodes that have one.
#pragma once

#include "actors/actors.hpp"
#include "actors/bounds/request_lease.hpp"
#include "actors/messages/reader.hpp"
#include "actors/messages/receipt.hpp"
#include "events/base/role.hpp"
#include "persistence/node_registry.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace sandbase {

struct find_ends {
  std::vector<session_key> sessions;
};
struct found_ends {
  /// In their order; empty: the session is deleted.
  std::vector<std::optional<written_end>> ends;
};

/// A request that changes a session otherwise than by appending, or makes one.
struct change_session {
  enum class kind : std::uint8_t { create, update, archive, redact, remove };

  kind what = kind::create;
  /// 0: it is to be made.
  session_key session = 0;
  workspace_key workspace = 0;
  std::string id;
  api_key_id author = 0;
  role may = role::viewer;
  /// To make or to update one: the body as it came.
  std::shared_ptr<const std::string> text;
  // Of one that is to be made, as of create_session.
  bool is_retry = false;
  std::string idempotency_key;
  // Of one that is to be redacted.
  std::string event_id;
  std::string reason;
  /// Then nobody waits for it any more.
  std::chrono::milliseconds patience = std::chrono::hours{1};
  /// Given back when the answer has come.
  request_lease_ptr lease;
  receipt_ptr client;
};
struct session_changed {
  /// As it is now; null: that was not asked for.
  std::shared_ptr<const session_header> header;
  /// What is shown of an event that was erased, a slice of one.
  log_slice shown;
};

/// Of these one may be asked for again, whatever became of it.
using core_question = std::variant<find_session, find_log, read_request, search_segments, find_event,
                                   find_deletion, find_idempotency, find_key, list_sessions, find_ends>;
using core_answer = std::variant<found_session, pull_answer, search_answer, found_event, found_deletion,
                                 found_idempotency, found_key, session_list, found_ends>;

/// What each is answered with.
template <class Question>
struct answer_to;
template <>
struct answer_to<find_session> : std::type_identity<found_session> {};
template <>
struct answer_to<find_log> : std::type_identity<found_session> {};
template <>
struct answer_to<read_request> : std::type_identity<pull_answer> {};
template <>
struct answer_to<search_segments> : std::type_identity<search_answer> {};
template <>
struct answer_to<find_event> : std::type_identity<found_event> {};
template <>
struct answer_to<find_deletion> : std::type_identity<found_deletion> {};
template <>
struct answer_to<find_idempotency> : std::type_identity<found_idempotency> {};
template <>
struct answer_to<find_key> : std::type_identity<found_key> {};
template <>
struct answer_to<list_sessions> : std::type_identity<session_list> {};
template <>
struct answer_to<find_ends> : std::type_identity<found_ends> {};

/// To the gateway: a question for its other end.
struct ask_core {
  core_question what;
};
struct core_told {
  core_answer what;
};

/// What a node with a store tells the edges that are linked to it.
struct cluster_view {
  /// What stream tokens are signed with.
  std::string token_secret;
  std::vector<node_record> nodes;
};

}  // namespace sandbase
