// SPDX-License-Identifier: Apache-2.0
// What a session is sent, and what it answers.
#pragma once

#include "actors/actors.hpp"
#include "actors/bounds/request_lease.hpp"
#include "actors/messages/receipt.hpp"
#include "actors/messages/slices.hpp"
#include "events/base/fingerprint.hpp"
#include "events/event/event_draft.hpp"
#include "events/session/session.hpp"
#include "persistence/event_reader.hpp"
#include "persistence/event_store.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace sandbase {

struct append_request {
  /// Handed over: emptied when its events have their places.
  std::shared_ptr<send_request> request;
  api_key_id author = 0;
  /// Then nobody waits for it any more: it is not begun.
  std::chrono::milliseconds patience = std::chrono::hours{1};
  /// `x-stainless-retry-count` >= 1: it may be the repetition of one that equals it, whose answer its client
  /// has not taken.
  bool is_retry = false;
  /// Empty: none.
  std::string idempotency_key;
  /// SHA-256 of the body; read only beside an idempotency key.
  digest body{};
  /// Of what is asked for; read only without an idempotency key.
  fingerprint print;
  /// What the request holds of bounds, here and in the messages below; null: nothing. It goes along, to the
  /// journal and back, and is given back when that has decided, whoever still waits for the answer.
  request_lease_ptr lease{};
  /// Null: nobody can tell whether the answer is taken.
  receipt_ptr client;
  /// As it came, for the node that owns the session, and who sent it; null: it is done here.
  std::shared_ptr<const std::string> text{};
  role may = role::viewer;
  /// Beside an idempotency key, which is looked up before every other check: what is wrong with the request,
  /// that has no events then. Told if the key is new.
  failure unfit{};
};
struct append_answer {
  /// Empty if the request held nothing but previews.
  log_slice stored;
  /// Nothing was stored: this is an earlier answer.
  bool replayed = false;
};

/// An event id with the name of the field that gave it, for messages. The name outlives every message.
struct named_id {
  std::string_view field;
  std::string id;
};
/// Of several ids the one furthest along counts. Unknown id: `invalid`.
struct open_request {
  std::vector<named_id> after;
  std::size_t max_bytes = 0;
  /// The first slice is the last one of the log, as pull_request::backwards.
  bool backwards = false;
  /// Start behind the last event if no id is given, or so many events before that.
  bool from_end = false;
  seq_t tail = 0;
  /// Not null: one more stream of that io thread follows the log from now
  /// on, whatever the answer, until unfollow.
  fan_out_actor follower;
  /// Also tell the event at the cursor.
  bool tell_cursor = false;
  /// Only the place and the end are wanted: the slice stays empty.
  bool place_only = false;
  /// As pull_request::log.
  session_key log = 0;
};
struct describe_request {};
struct session_view {
  std::shared_ptr<const session_header> header;
  /// How many follow it now.
  std::size_t streams = 0;
  /// What a further question about its log names.
  session_key log = 0;
};
struct update_session {
  std::shared_ptr<const update_request> update;
  request_lease_ptr lease{};
  /// As it came, for an edge, which hands it on; else null.
  std::shared_ptr<const std::string> text{};
};
struct archive_session {
  bool even_if_running = false;
  request_lease_ptr lease{};
};
struct redact_event {
  std::string id;
  /// May be empty.
  std::string reason;
  request_lease_ptr lease{};
};
struct event_redacted {
  /// What is shown of it now.
  block_span shown;
};
struct delete_session {
  bool even_if_running = false;
  /// 0: nobody's key.
  api_key_id author = 0;
};
struct session_deleted {};

struct commit_done {
  epoch_t epoch = 0;
  /// Of the commit_request.
  std::uint64_t number = 0;
  /// Code none: durable.
  failure error;
};
struct seal_done {
  epoch_t epoch = 0;
  /// Of the seal_request.
  seq_t last_seq = 0;
  failure error;
};
/// The journal wants its rows back: seal what is unsealed.
struct seal_wanted {};

struct retire_now {};
/// To a session that was not looked up for long, or whose room others need: it goes unless it has work, is
/// followed or was used since the last of these.
struct idle_check {};
/// From itself, for the retries of SDKs.
struct retry_tick {
  enum class what : std::uint8_t {
    /// Answers that somebody waits for may be taken by now.
    receipts,
    /// What is remembered gets old.
    tries
  };
  what of = what::receipts;
};

}  // namespace sandbase
