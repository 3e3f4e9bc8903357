// Every message type and every typed actor handle, in one place. All of these stay inside one process: blocks
// travel as shared immutable memory.
#pragma once

#include "events/event_draft.hpp"
#include "events/log_slice.hpp"
#include "events/session.hpp"
#include "persistence/event_store.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

// All of them: declared here, defined below, made known to CAF at the
// end. The layout of these lines is by hand.
// clang-format off
#define SANDBASE_LOCAL_MESSAGES(X) \
  /* sessions */ \
  X(append_request) X(append_answer) X(open_request) X(pull_request) X(pull_answer) X(search_request) \
  X(search_answer) X(describe_request) \
  X(session_view) X(update_session) X(archive_session) X(delete_session) X(session_deleted) X(commit_done) \
  X(seal_done) X(seal_wanted) X(retire_now) X(session_tick) \
  /* sessions and fan_outs */ \
  X(published) X(published_ack) X(previewed) X(unfollow) \
  /* the directory */ \
  X(lookup_request) X(lookup_answer) X(create_session) X(session_created) X(retire_me) X(retire_all) \
  X(done_answer) \
  /* the journal */ \
  X(claim_request) X(claim_answer) X(commit_request) X(seal_request) X(journal_create) X(journal_created) \
  X(journal_delete) X(release_session) X(overlay_request) X(overlay_answer) X(journal_flush) X(journal_tick) \
  X(journal_stop) X(checkpoint_now) X(checkpoint_done) \
  /* readers */ \
  X(find_session) X(found_session) X(read_request) X(search_segments) X(find_event) X(found_event) X(find_idempotency) \
  X(found_idempotency) X(find_key) X(found_key) X(list_sessions) X(session_list)
// clang-format on

namespace sandbase {

#define SANDBASE_DECLARE(T) struct T;
SANDBASE_LOCAL_MESSAGES(SANDBASE_DECLARE)
#undef SANDBASE_DECLARE

// --- handles ------------------------------------------------------------------

/// Hands what sessions publish to the streams of one io thread.
using fan_out_actor = caf::typed_actor<
    // From a session that this thread follows: new events, or its end. Acknowledged.
    caf::reacts_to<published>,
    // From the same: a preview. Acknowledged.
    caf::reacts_to<previewed>>;

/// Owner of one session's log.
using session_actor = caf::typed_actor<
    // Appends; the answer comes when the events are durable.
    caf::replies_to<append_request>::with<append_answer>,
    // Fixes a replay: resolves the cursor, tells the end, gives the first slice.
    caf::replies_to<open_request>::with<pull_answer>,
    // A further slice.
    caf::replies_to<pull_request>::with<pull_answer>,
    // Where the next event is that a filter lets through, or how far it was looked for.
    caf::replies_to<search_request>::with<search_answer>,
    // The header as of the last durable event.
    caf::replies_to<describe_request>::with<session_view>,
    caf::replies_to<update_session>::with<session_view>, caf::replies_to<archive_session>::with<session_view>,
    caf::replies_to<delete_session>::with<session_deleted>,
    // From a fan_out: it has handed on what was published; one of its streams has left.
    caf::reacts_to<published_ack>, caf::reacts_to<unfollow>,
    // From the journal.
    caf::reacts_to<commit_done>, caf::reacts_to<seal_done>, caf::reacts_to<seal_wanted>,
    // From the directory: go.
    caf::reacts_to<retire_now>,
    // From itself.
    caf::reacts_to<session_tick>>;

/// The one writer of a store.
using journal_actor = caf::typed_actor<
    // A session becomes the writer of its log; voids earlier incarnations.
    caf::replies_to<claim_request>::with<claim_answer>,
    // Answered by commit_done to the session.
    caf::reacts_to<commit_request>,
    // Answered by seal_done to the session.
    caf::reacts_to<seal_request>, caf::replies_to<journal_create>::with<journal_created>,
    caf::replies_to<journal_delete>::with<session_deleted>,
    // The session has nothing unsealed and goes.
    caf::reacts_to<release_session>,
    // What the ledger knows beyond the rows of these sessions.
    caf::replies_to<overlay_request>::with<overlay_answer>,
    // Commits what has come, closes up and quits.
    caf::replies_to<journal_stop>::with<done_answer>,
    // From the checkpointer.
    caf::reacts_to<checkpoint_done>,
    // From itself.
    caf::reacts_to<journal_flush>, caf::reacts_to<journal_tick>>;

/// Moves what the journal wrote into the database, beside the commits. Answers checkpoint_done to the sender.
using checkpointer_actor = caf::typed_actor<caf::reacts_to<checkpoint_now>>;

/// Reads old slices and rows on a connection of its own.
using reader_actor = caf::typed_actor<
    caf::replies_to<find_session>::with<found_session>, caf::replies_to<read_request>::with<pull_answer>,
    caf::replies_to<search_segments>::with<search_answer>, caf::replies_to<find_event>::with<found_event>,
    caf::replies_to<find_idempotency>::with<found_idempotency>, caf::replies_to<find_key>::with<found_key>,
    caf::replies_to<list_sessions>::with<session_list>>;

/// Makes one session and quits.
using creation_actor = caf::typed_actor<caf::replies_to<create_session>::with<session_created>>;

/// (workspace, id) → the session actor of this node.
using directory_actor = caf::typed_actor<
    // Starts the session's actor if need be. `not_found` for unknown and foreign ids alike.
    caf::replies_to<lookup_request>::with<lookup_answer>,
    caf::replies_to<create_session>::with<session_created>,
    // A session has been idle for long enough.
    caf::reacts_to<retire_me>,
    // Every session seals and quits; answered when all have.
    caf::replies_to<retire_all>::with<done_answer>>;

// --- to a session -----------------------------------------------------------------

struct append_request {
  /// Handed over: emptied when its events have their places.
  std::shared_ptr<send_request> request;
  api_key_id author = 0;
  /// `x-stainless-retry-count` >= 1: if the author's last events here equal these, they are the answer.
  bool is_retry = false;
  /// Empty: none.
  std::string idempotency_key;
  /// SHA-256 of the body; read only beside an idempotency key.
  digest body{};
  /// What the request holds of bounds; given back when it is answered, durable or not.
  std::shared_ptr<const void> lease;
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
};
/// Events in (after, up_to], as many as fit max_bytes but at least one if there is one.
/// @pre up_to is at most an `end` that this session has told
struct pull_request {
  seq_t after = 0;
  seq_t up_to = 0;
  std::size_t max_bytes = 0;
  /// The last of the range instead of the first; still oldest first within the slice.
  bool backwards = false;
};
/// Whether a log can grow.
enum class log_state : std::uint8_t { open, terminated, archived, deleted };
struct pull_answer {
  log_slice slice;
  /// Where the slice starts: the cursor asked for, resolved.
  seq_t after = 0;
  /// The log's last durable event when the request was accepted; for a pull at most up_to.
  seq_t end = 0;
  /// The session itself answered, with everything up to its end: what comes next is published.
  bool live = false;
  /// As of `end`.
  log_state state = log_state::open;
  /// The event at `after`, if it was asked for and there is one.
  std::optional<block_span> at_cursor;
};

/// @pre as for pull_request. Takes a bounded time: who gets an answer that is neither found nor through asks
/// again for what is left.
struct search_request {
  search_range range;
  std::shared_ptr<const event_selection> what;
};
struct search_answer {
  search_result result;
};

struct describe_request {};
struct session_view {
  std::shared_ptr<const session_header> header;
  /// How many follow it now.
  std::size_t streams = 0;
};
struct update_session {
  std::shared_ptr<const update_request> update;
};
struct archive_session {};
struct delete_session {
  bool even_if_running = false;
};
struct session_deleted {};

struct commit_done {
  std::uint64_t incarnation = 0;
  /// Of the commit_request.
  std::uint64_t number = 0;
  /// Code none: durable.
  failure error;
};
struct seal_done {
  std::uint64_t incarnation = 0;
  /// Of the seal_request.
  seq_t last_seq = 0;
  failure error;
};
/// The journal wants its rows back: seal what is unsealed.
struct seal_wanted {};

// --- between sessions and fan_outs ------------------------------------------------------

/// At most max_unacknowledged of these are on their way to a fan_out; beyond that it is told the end only,
/// later. Events that have previews between them go in several, which count as one until they are
/// acknowledged.
struct published {
  session_key session = 0;
  /// The new events; empty: they have to be pulled.
  log_slice slice;
  /// The log's last durable event, as far as it may be shown: what stands behind it is told next.
  seq_t end = 0;
  log_state state = log_state::open;
  /// The event that tells of the deletion, JSON; only with log_state::deleted.
  std::shared_ptr<const std::string> farewell;
};
/// At most max_unacknowledged_previews of these are; beyond that they are dropped. More than of what can be
/// pulled: a preview that is dropped takes the rest of its event with it.
struct previewed {
  session_key session = 0;
  /// The event that they come behind: who is not there gets no preview.
  seq_t end = 0;
  /// Others were dropped before these: what is open can make no sense any more.
  bool gap = false;
  std::vector<std::shared_ptr<const preview>> what;
};
struct published_ack {
  fan_out_actor from;
  bool of_previews = false;
};
inline constexpr int max_unacknowledged = 2;
inline constexpr int max_unacknowledged_previews = 64;
struct unfollow {
  fan_out_actor from;
};
struct retire_now {};
struct session_tick {};

// --- to the directory ---------------------------------------------------------------

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
struct retire_me {
  session_key session = 0;
};
struct retire_all {};
struct done_answer {};

// --- to the journal -------------------------------------------------------------------

struct claim_request {
  session_key key = 0;
  session_actor session;
};
struct claim_answer {
  std::uint64_t incarnation = 0;
  session_row row;
  /// Behind row.sealed_seq, in order.
  std::vector<journal_event> unsealed;
};
struct commit_request {
  std::uint64_t incarnation = 0;
  /// Counts up within an incarnation.
  std::uint64_t number = 0;
  digest previous_head{};
  /// After the events.
  log_tip tip;
  /// Handed over: the sender keeps no reference.
  std::shared_ptr<append_op> op;
};
struct seal_request {
  std::uint64_t incarnation = 0;
  /// Handed over.
  std::shared_ptr<seal_op> op;
};
struct journal_create {
  /// After the initial events.
  log_tip tip;
  /// Handed over.
  std::shared_ptr<create_op> op;
};
struct journal_created {
  session_key session = 0;
  bool existed = false;
  std::string existing_id;
};
struct journal_delete {
  std::uint64_t incarnation = 0;
  session_key session = 0;
};
struct release_session {
  std::uint64_t incarnation = 0;
  session_key session = 0;
};
struct overlay_request {
  std::vector<session_key> sessions;
};
struct overlay_answer {
  /// Of those that the ledger holds.
  std::vector<std::pair<session_key, log_tip>> tips;
};
struct journal_flush {};
struct journal_tick {};
struct journal_stop {};
struct checkpoint_now {};
struct checkpoint_done {
  failure error;
};

// --- to a reader ----------------------------------------------------------------------

struct find_session {
  workspace_key workspace = 0;
  std::string id;
};
struct found_session {
  /// Null: there is none.
  std::shared_ptr<const session_row> row;
};
/// Answered with pull_answer{slice, pull.after, end}: whole or cut segments in (after, up_to].
struct read_request {
  session_key session = 0;
  pull_request pull;
  /// Given back.
  seq_t end = 0;
};
/// Of sealed events.
struct search_segments {
  session_key session = 0;
  search_request search;
};
struct find_event {
  session_key session = 0;
  std::vector<std::string> ids;
};
struct found_event {
  /// In the order of the ids; 0: not sealed, or never seen.
  std::vector<seq_t> seqs;
};
struct find_idempotency {
  workspace_key workspace = 0;
  session_key session = 0;
  std::string key;
};
struct found_idempotency {
  bool found = false;
  idempotency_record record;
};
struct find_key {
  digest hash{};
  /// Not 0: by this instead.
  api_key_id id = 0;
};
struct found_key {
  /// Null: there is none; may be revoked.
  std::shared_ptr<const api_key> key;
};
struct list_sessions {
  session_query query;
  /// For the durations of sessions that run.
  timestamp now{};
  secrets shows = secrets::hidden;
  /// Of the page's JSON; one session always fits.
  std::size_t max_bytes = std::size_t{4} * 1024 * 1024;
};
/// With what the ledger knows beyond the rows. Empty only if nothing comes.
struct session_list {
  /// Session objects, JSON, in the order walked.
  std::vector<std::shared_ptr<const std::string>> items;
  /// Of the first one; meaningless without items.
  session_place first;
  /// Where to go on.
  session_place last;
  bool more = false;
};

}  // namespace sandbase

// Only ever sent within a process: none of these actors is published.
#define SANDBASE_ALLOW_LOCAL(T) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sandbase::T)
SANDBASE_LOCAL_MESSAGES(SANDBASE_ALLOW_LOCAL)
#undef SANDBASE_ALLOW_LOCAL

CAF_BEGIN_TYPE_ID_BLOCK(sandbase, caf::first_custom_type_id)
#define SANDBASE_ADD_TYPE(T) CAF_ADD_TYPE_ID(sandbase, (sandbase::T))
  SANDBASE_LOCAL_MESSAGES(SANDBASE_ADD_TYPE)
#undef SANDBASE_ADD_TYPE
CAF_END_TYPE_ID_BLOCK(sandbase)
