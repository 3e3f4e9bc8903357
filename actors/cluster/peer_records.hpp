// SPDX-License-Identifier: Apache-2.0
// What two nodes tell each other, as values, and their bytes. Own format, so that programs of several
// versions understand each other: a record has a kind (u8), a size (u32) and that many bytes; all numbers are
// little-endian, texts have their size (u32) before them. A kind that is not known is passed over, and so are
// bytes behind the members that are: a later version may add both.
#pragma once

#include "actors/messages/slices.hpp"
#include "events/base/role.hpp"
#include "events/event/event_draft.hpp"
#include "events/session/session_summary.hpp"
#include "persistence/records.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sandbase::peer {

/// The first of each side.
struct hello {
  /// Highest version of these records that the program speaks.
  std::uint16_t protocol = 0;
  node_id node = 0;
  std::string name;
  /// It has no store: it owns nothing, and asks.
  bool is_edge = false;
};
inline constexpr std::uint16_t protocol = 3;

/// Nothing to say for a while.
struct beat {};
/// So many bytes of the stream were taken in since the link is up.
struct taken {
  std::uint64_t bytes = 0;
};
/// It stops: it writes nothing new, and wants no more appends.
struct leaving {};

/// An append for the node that owns the session, which parses the body again.
struct append {
  /// Of the sender's, counts up.
  std::uint64_t number = 0;
  session_key session = 0;
  workspace_key workspace = 0;
  std::string id;
  api_key_id author = 0;
  role may = role::viewer;
  bool is_retry = false;
  std::string idempotency_key;
  /// From now on somebody waits so long.
  std::chrono::milliseconds patience{};
  std::string body;
};
/// What became of it.
struct outcome {
  std::uint64_t number = 0;
  failure error;
  bool replayed = false;
  log_slice stored;
};
/// Whether the client of an append, which this one answered, has taken the answer.
struct look_at_client {
  std::uint64_t number = 0;
};
struct client_seen {
  std::uint64_t number = 0;
  /// receipt::state
  std::uint8_t state = 0;
};

/// What the session publishes is wanted.
struct follow {
  session_key session = 0;
  workspace_key workspace = 0;
  std::string id;
};
/// No more.
struct unfollow {
  session_key session = 0;
};
/// To who follows: nothing more comes of it, ask again.
struct unfollowed {
  session_key session = 0;
};
/// `published`, for the node's streams together.
struct push {
  session_key session = 0;
  /// Of who writes it.
  epoch_t epoch = 0;
  seq_t end = 0;
  seq_t sealed_seq = 0;
  log_state state = log_state::open;
  log_slice slice;
};
/// `previewed`.
struct push_previews {
  session_key session = 0;
  seq_t end = 0;
  bool gap = false;
  std::vector<std::shared_ptr<const preview>> what;
};
struct push_taken {
  session_key session = 0;
  bool of_previews = false;
};
/// The sender writes the session from now on, in place of the receiver.
struct claimed {
  session_key session = 0;
};

/// Of an edge. What it may ask for again as often as it likes: a core_question (core_questions.hpp).
struct question {
  std::uint64_t number = 0;
  /// From now on somebody waits so long.
  std::chrono::milliseconds patience{};
  std::string what;
};
/// Beside an error `what` is empty.
struct reply {
  std::uint64_t number = 0;
  failure error;
  /// A core_answer.
  std::string what;
};
/// change_session.
struct change {
  std::uint64_t number = 0;
  std::chrono::milliseconds patience{};
  /// change_session::kind
  std::uint8_t what = 0;
  workspace_key workspace = 0;
  std::string id;
  api_key_id author = 0;
  role may = role::viewer;
  bool is_retry = false;
  std::string idempotency_key;
  std::string event_id;
  std::string reason;
  std::string body;
};
/// session_changed.
struct changed {
  std::uint64_t number = 0;
  failure error;
  /// As the store keeps both; empty: there is no header.
  std::string definition;
  std::string progress;
  log_slice shown;
};
struct node {
  node_id id = 0;
  std::string name;
  std::string address;
};
/// To an edge: cluster_view.
struct view {
  std::string token_secret;
  std::vector<node> nodes;
};

/// Changes of the sessions of these workspaces are wanted, and of no others any more.
struct watched {
  std::vector<workspace_key> workspaces;
};
/// Of one that is: how sessions stand that the sender has changed. One is on its way at most, until taken.
struct board_push {
  struct change {
    session_key session = 0;
    bool is_deleted = false;
    session_summary summary;
  };
  workspace_key workspace = 0;
  std::vector<change> changes;
};
struct board_push_taken {
  workspace_key workspace = 0;
};

using record = std::variant<hello, beat, taken, leaving, append, outcome, look_at_client, client_seen, follow,
                            unfollow, unfollowed, push, push_previews, push_taken, claimed, question, reply,
                            change, changed, view, watched, board_push, board_push_taken>;

/// Appends the bytes of a record. @pre they are fewer than max_record_bytes
void encode(std::string& out, const record& r);

/// Of one record, its kind and size apart.
inline constexpr std::size_t max_record_bytes = std::size_t{64} * 1024 * 1024;

/// Takes a whole record off the front of `bytes`. Empty, with `bytes` as they were: more are needed, or (if
/// `is_unknown`) the one taken is of a kind that is not known here. `invalid`: these are no records.
result<std::optional<record>> take_record(std::string_view& bytes, bool& is_unknown);

}  // namespace sandbase::peer
