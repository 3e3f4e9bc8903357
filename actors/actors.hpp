// SPDX-License-Identifier: Apache-2.0
// Every typed actor handle in one place: for each message a sentence, its answer, and the error codes (errc)
// that its sender has to reckon with. Beside these any request may end with `unavailable` if its receiver was
// gone before it took the message (it may be tried again), with `unknown_outcome` if it died or did not
// answer in time.
#pragma once

#include "events/base/result.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

// Every message: declared here, defined in actors/messages/, made known to CAF in messages/all.hpp. The
// layout of these lines is by hand.
// clang-format off
#define SANDBASE_LOCAL_MESSAGES(X) \
  /* sessions */ \
  X(append_request) X(append_answer) X(open_request) X(pull_request) X(pull_answer) X(search_request) \
  X(search_answer) X(describe_request) \
  X(session_view) X(update_session) X(archive_session) X(redact_event) X(event_redacted) X(delete_session) \
  X(session_deleted) X(commit_done) \
  X(seal_done) X(seal_wanted) X(retire_now) X(idle_check) X(retry_tick) \
  /* sessions and fan_outs */ \
  X(published) X(published_ack) X(previewed) X(unfollow) X(receipt_query) X(receipt_told) \
  /* the directory */ \
  X(lookup_request) X(lookup_answer) X(create_session) X(session_created) X(session_stays) X(session_goes) X(directory_tick) X(retire_all) \
  X(done_answer) \
  /* the board of sessions */ \
  X(watch_board) X(board_watched) X(unwatch_board) X(board_moved) X(board_seen) X(pull_board) X(board_page) \
  X(session_news) X(news_taken) X(watched_workspaces) X(board_tick) \
  X(board_link_tick) \
  /* the journal */ \
  X(claim_request) X(claim_answer) X(commit_request) X(seal_request) X(journal_create) X(journal_created) \
  X(journal_delete) X(journal_flush) X(journal_tick) \
  X(journal_stop) X(checkpoint_now) X(checkpoint_done) X(claim_session) X(claims_flush) \
  /* importers */ \
  X(import_piece) X(import_progress) X(stage_slice) X(slice_staged) X(publish_session) X(session_published) \
  X(drop_staged) \
  /* readers */ \
  X(find_session) X(found_session) X(read_request) X(search_segments) X(find_event) X(found_event) X(find_deletion) X(found_deletion) X(find_idempotency) \
  X(found_idempotency) X(find_key) X(found_key) X(list_sessions) X(session_list) X(read_list) X(reader_tick) X(find_log) \
  /* who looks for the ends of logs */ \
  X(find_end) X(found_end) X(watch_end) X(unwatch_end) X(end_moved) X(look_up_ends) X(poll_ends) X(look_at_end) \
  /* links between nodes */ \
  X(greet_with) X(dial_peer) X(peer_dialed) \
  /* gateways and membership */ \
  X(forward_append) X(mirror_session) X(unmirror_session) X(mirrored) X(mirrored_previews) X(mirror_taken) \
  X(mirror_lost) X(tell_claimed) X(peer_name) X(link_made) X(link_changed) X(gateway_flush) X(gateway_tick) X(leave_cluster) X(peer_knocks) \
  X(membership_tick) X(list_links) X(known_links) X(renew_node) X(known_nodes) \
  /* edges */ \
  X(find_ends) X(found_ends) X(change_session) X(session_changed) X(ask_core) X(core_told) X(cluster_view) \
  /* the guardian */ \
  X(watch_over) X(stand_down) \
  /* the status page */ \
  X(describe_actor) X(actor_status) X(list_active) X(active_sessions) X(show_part) X(collect_status) X(collected_status)
// clang-format on

namespace sandbase {

#define SANDBASE_DECLARE(T) struct T;
SANDBASE_LOCAL_MESSAGES(SANDBASE_DECLARE)
#undef SANDBASE_DECLARE

struct peer_frame;

/// Whoever can be asked what it is at. Every actor of a node that is not a request's own is one of these; who
/// does not answer in time is at something else.
using described_actor = caf::typed_actor<
    // Does not fail.
    caf::replies_to<describe_actor>::with<actor_status>>;

/// Hands what sessions publish to the streams of one io thread, and tells them of its clients. Lives on that
/// thread.
using fan_out_actor = caf::typed_actor<
    // From a session that this thread follows: new events, or its end. Acknowledged by published_ack.
    caf::reacts_to<published>,
    // From the same: a preview. Acknowledged by published_ack.
    caf::reacts_to<previewed>,
    // From the board: sessions of a workspace have changed that this thread watches. Acknowledged by
    // board_seen.
    caf::reacts_to<board_moved>,
    // As a described_actor.
    caf::replies_to<describe_actor>::with<actor_status>,
    // Whether a client of this thread has taken its answer by now. Does not fail.
    caf::replies_to<receipt_query>::with<receipt_told>>;

/// Owner of one session's log. Lives on the scheduler's workers.
// Every request may also fail with `not_found` (the session is deleted), `corrupt` (its log is damaged) and
// `unavailable` (it cannot be claimed now).
using session_actor = caf::typed_actor<
    // Appends; the answer comes when the events are durable. `invalid` (an event, an id, the state of the
    // session), `conflict` (the expected last id, the idempotency key), `unavailable` (nothing was stored),
    // `unknown_outcome`.
    caf::replies_to<append_request>::with<append_answer>,
    // Fixes a replay: resolves the cursor, tells the end, gives the first slice. `invalid`: an unknown id.
    caf::replies_to<open_request>::with<pull_answer>,
    // A further slice. `corrupt`: what is stored there is damaged.
    caf::replies_to<pull_request>::with<pull_answer>,
    // Where the next event is that a filter lets through, or how far it was looked for. `corrupt` as above.
    caf::replies_to<search_request>::with<search_answer>,
    // The header as of the last durable event.
    caf::replies_to<describe_request>::with<session_view>,
    // Changes the definition. `invalid` (archived, terminated), `too_large` (beyond the bound of a session
    // object).
    caf::replies_to<update_session>::with<session_view>,
    // Makes the log read-only. `invalid`: it is running and the key may not.
    caf::replies_to<archive_session>::with<session_view>,
    // Erases the payload of an event; the answer comes when nobody is shown it any more. `not_found`: the
    // session has no such event; `unavailable`; `unknown_outcome`. Again: the same answer.
    caf::replies_to<redact_event>::with<event_redacted>,
    // Removes the session. `invalid`: it is running and the key may not.
    caf::replies_to<delete_session>::with<session_deleted>,
    // From a fan_out: it has handed on what was published; one of its streams has left.
    caf::reacts_to<published_ack>, caf::reacts_to<unfollow>,
    // From the journal: what became of an append, of a seal; its rows are wanted back.
    caf::reacts_to<commit_done>, caf::reacts_to<seal_done>, caf::reacts_to<seal_wanted>,
    // From the directory: go; go if nobody needs you, else answer session_stays.
    caf::reacts_to<retire_now>, caf::reacts_to<idle_check>,
    // From who looks for the ends of logs: another process has written to this one's, or nobody knows.
    caf::reacts_to<end_moved>,
    // From a gateway: what the session published at the node that writes it; nothing more comes.
    caf::reacts_to<mirrored>, caf::reacts_to<mirrored_previews>, caf::reacts_to<mirror_lost>,
    // From the board: it has what the session told of itself last.
    caf::reacts_to<news_taken>,
    // As a described_actor: also while it waits for the store, and when the session is gone.
    caf::replies_to<describe_actor>::with<actor_status>,
    // From itself.
    caf::reacts_to<retry_tick>>;

/// The one writer of a store, or one of several among which the sessions are shared out. Detached: its calls
/// block. Monitors the writers: what one that goes leaves unsealed is sealed by housekeeping.
using journal_actor = caf::typed_actor<
    // A session becomes the writer of its log; voids earlier epochs. `not_found`, `corrupt`,
    // `unavailable`, `io_failed`.
    caf::replies_to<claim_request>::with<claim_answer>,
    // Answered by commit_done to the session, with the error of a result in it. `unavailable`: nothing of
    // this and of what stands behind it was stored; `fenced`: the same, as another writer has the log;
    // `unknown_outcome`: a claim tells.
    caf::reacts_to<commit_request>,
    // Answered by seal_done to the session.
    caf::reacts_to<seal_request>,
    // Makes a session. `conflict`: the idempotency key came with another body; `unavailable`; `io_failed`.
    caf::replies_to<journal_create>::with<journal_created>,
    // Deletes a session. `fenced`: it has another writer by now; `unavailable`; `io_failed`.
    caf::replies_to<journal_delete>::with<session_deleted>,
    // As staging_actor's.
    caf::replies_to<stage_slice>::with<slice_staged>,
    caf::replies_to<publish_session>::with<session_published>, caf::reacts_to<drop_staged>,
    // Commits what has come, closes up and quits. Does not fail.
    caf::replies_to<journal_stop>::with<done_answer>,
    // From the checkpointer.
    caf::reacts_to<checkpoint_done>,
    // As a described_actor.
    caf::replies_to<describe_actor>::with<actor_status>,
    // From itself.
    caf::reacts_to<journal_flush>, caf::reacts_to<journal_tick>>;

/// Claims sessions for journals whose store can do that beside their commits. Detached: its calls block.
using claimer_actor = caf::typed_actor<
    // From a journal, which has told its store before, and tells it the answer. Errors as of a claim_request.
    caf::replies_to<claim_session>::with<claim_answer>,
    // As a described_actor.
    caf::replies_to<describe_actor>::with<actor_status>,
    // From itself.
    caf::reacts_to<claims_flush>>;

/// Moves what the journal wrote into the database, beside the commits. Answers checkpoint_done to the sender.
/// Detached.
using checkpointer_actor = caf::typed_actor<caf::reacts_to<checkpoint_now>,
                                            // As a described_actor.
                                            caf::replies_to<describe_actor>::with<actor_status>>;

/// Reads old slices and rows on a connection of its own. Detached.
// Every request may fail with `corrupt` (what is stored is damaged), `unavailable` and `io_failed` (the
// disk).
using reader_actor = caf::typed_actor<
    // A session with the end of its log; an answer without one if there is none.
    caf::replies_to<find_session>::with<found_session>,
    // The same by its key.
    caf::replies_to<find_log>::with<found_session>,
    // Whole or cut segments. `not_found`: the session is deleted.
    caf::replies_to<read_request>::with<pull_answer>,
    // The next sealed event that a filter lets through. `not_found` as above.
    caf::replies_to<search_segments>::with<search_answer>,
    // The places of ids among what is sealed.
    caf::replies_to<find_event>::with<found_event>,
    // Who deleted a session lately, and when.
    caf::replies_to<find_deletion>::with<found_deletion>,
    // What an idempotency key stood for.
    caf::replies_to<find_idempotency>::with<found_idempotency>,
    // An API key, by its hash or its number.
    caf::replies_to<find_key>::with<found_key>,
    // One page of sessions.
    caf::replies_to<list_sessions>::with<session_list>,
    // As a described_actor.
    caf::replies_to<describe_actor>::with<actor_status>,
    // From itself.
    caf::reacts_to<read_list>, caf::reacts_to<reader_tick>>;

/// Looks for the ends of logs in a store that several processes write. Detached.
using ends_actor = caf::typed_actor<
    // The end as of a moment behind the question; an answer without one if the session is deleted.
    // `unavailable`.
    caf::replies_to<find_end>::with<found_end>,
    // From a session: it is to hear, by end_moved, of what differs from what it knows. Again: anew.
    caf::reacts_to<watch_end>,
    // From the same, when it ends.
    caf::reacts_to<unwatch_end>,
    // From a gateway: another node writes a session from now on.
    caf::reacts_to<look_at_end>,
    // As a described_actor.
    caf::replies_to<describe_actor>::with<actor_status>,
    // From itself.
    caf::reacts_to<look_up_ends>, caf::reacts_to<poll_ends>>;

/// Knows how the sessions of each watched workspace stand that have changed since, and tells those who watch.
/// Lives on the scheduler's workers.
using board_actor = caf::typed_actor<
    // Neither fails.
    caf::replies_to<watch_board>::with<board_watched>, caf::replies_to<pull_board>::with<board_page>,
    // From a fan_out: a stream of its has left; it has handed on what it was told.
    caf::reacts_to<unwatch_board>, caf::reacts_to<board_seen>,
    // From sessions, and from whoever makes some.
    caf::reacts_to<session_news>,
    // As a described_actor.
    caf::replies_to<describe_actor>::with<actor_status>,
    // From itself.
    caf::reacts_to<board_tick>, caf::reacts_to<board_link_tick>>;

/// This node's end of its link to one other. Towards sessions it is a fan_out: what one publishes crosses
/// once, however many streams wait at the other end. Lives on the scheduler's workers.
using gateway_actor = caf::typed_actor<
    // As a fan_out's; receipt_query is of the client of an append that came over the link.
    caf::reacts_to<published>, caf::reacts_to<previewed>, caf::reacts_to<board_moved>,
    caf::replies_to<describe_actor>::with<actor_status>, caf::replies_to<receipt_query>::with<receipt_told>,
    // From the board.
    caf::reacts_to<watched_workspaces>,
    // Errors as of an append_request; see there.
    caf::replies_to<forward_append>::with<append_answer>,
    // A question for the other end, and a change, of an edge. Errors as the node with the store has them;
    // `unavailable`: the link has ended, and a change was not begun; `unknown_outcome`: it may have been.
    caf::replies_to<ask_core>::with<core_told>, caf::replies_to<change_session>::with<session_changed>,
    // From a session here, about what one at the other end publishes.
    caf::reacts_to<mirror_session>, caf::reacts_to<unmirror_session>, caf::reacts_to<mirror_taken>,
    // From a session here.
    caf::reacts_to<tell_claimed>,
    // From the other end.
    caf::reacts_to<peer_frame>,
    // From membership.
    caf::reacts_to<link_made>, caf::reacts_to<leave_cluster>, caf::reacts_to<cluster_view>,
    // From itself.
    caf::reacts_to<gateway_flush>, caf::reacts_to<gateway_tick>>;

/// An edge's way to the nodes that have the store: chooses one, waits a while for a link if there is none,
/// and asks again what may be asked again. As a reader, and beside that the only one that changes anything.
/// Lives on the scheduler's workers.
// `unavailable`: no such node can be reached.
using core_actor = reader_actor::extend<
    // Ends as of an ends_actor's.
    caf::replies_to<find_ends>::with<found_ends>,
    // Done by the session's owner. Errors as of an append_request.
    caf::replies_to<forward_append>::with<append_answer>,
    // Errors as of update_session, archive_session, redact_event, delete_session and create_session.
    caf::replies_to<change_session>::with<session_changed>>;

/// Keeps this node's row, blocking. Detached.
using registrar_actor = caf::typed_actor<
    // `unavailable`: the store does not answer.
    caf::replies_to<renew_node>::with<known_nodes>,
    // As a described_actor.
    caf::replies_to<describe_actor>::with<actor_status>>;

/// Knows which nodes there are, and has a gateway for each other one. Lives on the scheduler's workers.
using membership_actor = caf::typed_actor<
    // From the door: somebody greets.
    caf::reacts_to<peer_knocks>,
    // From a gateway; the second of an edge's.
    caf::reacts_to<link_changed>, caf::reacts_to<cluster_view>,
    // The node stops: others take over its sessions.
    caf::reacts_to<leave_cluster>,
    // The gateways. Does not fail.
    caf::replies_to<list_links>::with<known_links>,
    // As a described_actor.
    caf::replies_to<describe_actor>::with<actor_status>,
    // From itself.
    caf::reacts_to<membership_tick>>;

/// A journal, as an importer knows it.
using staging_actor = caf::typed_actor<
    // Writes on in a session that nothing shows yet, or in a new one. `invalid`; `unavailable`; `io_failed`.
    caf::replies_to<stage_slice>::with<slice_staged>,
    // Makes one that is whole visible. `conflict`: the workspace has a session of that id; `unavailable`;
    // `io_failed`.
    caf::replies_to<publish_session>::with<session_published>,
    // It is not wanted any more.
    caf::reacts_to<drop_staged>>;

/// One import into a store that is being served. Lives on the scheduler's workers.
using importer_actor = caf::typed_actor<
    // The next bytes of its input, one piece at a time: answered when all that came of them is done.
    // Failures are the store's, or the one that the piece has, and end the import; then nothing was written.
    // Once a session may be there an import that breaks off has a report as well, which tells why.
    caf::replies_to<import_piece>::with<import_progress>>;

/// Makes one session and quits. Lives on the scheduler's workers.
using creation_actor = caf::typed_actor<
    // `invalid` (an initial event), `too_large`, `conflict` (the idempotency key), `unavailable`,
    // `unknown_outcome`.
    caf::replies_to<create_session>::with<session_created>>;

/// Makes links to other nodes and takes theirs. Lives on an io thread of its own.
using transport_actor = caf::typed_actor<
    // From now on nodes that dial this one are let in.
    caf::reacts_to<greet_with>,
    // Makes a link, or finds the one that is there; answered within 5 s. `unavailable`: a sentence that names
    // the address and says why not; `invalid`: it is no address.
    caf::replies_to<dial_peer>::with<peer_dialed>,
    // As a described_actor.
    caf::replies_to<describe_actor>::with<actor_status>>;

/// Ends the process when an essential actor has ended. Lives on the scheduler's workers.
using guardian_actor = caf::typed_actor<
    // One more that is essential.
    caf::reacts_to<watch_over>,
    // The node stops: from now on they are meant to end.
    caf::reacts_to<stand_down>>;

/// Has sessions made, and knows which answers to that were not taken. Lives on the scheduler's workers.
using creations_actor = caf::typed_actor<
    // As creation_actor's. The repetition that an SDK makes by itself gets the session made before.
    caf::replies_to<create_session>::with<session_created>,
    // From the directory: go, once everybody is answered.
    caf::reacts_to<retire_now>,
    // From itself.
    caf::reacts_to<retry_tick>>;

/// (workspace, id) → the session actor of this node. Lives on the scheduler's workers.
using directory_actor = caf::typed_actor<
    // Starts the session's actor if need be. `not_found` for unknown and foreign ids alike; `unavailable`:
    // closing.
    caf::replies_to<lookup_request>::with<lookup_answer>,
    // As creation_actor's; `unavailable`: closing.
    caf::replies_to<create_session>::with<session_created>,
    // From a session: it was asked to go but is needed; it goes by itself, nobody is to be given its handle
    // any more.
    caf::reacts_to<session_stays>, caf::reacts_to<session_goes>,
    // Sessions that have an actor. Does not fail.
    caf::replies_to<list_active>::with<active_sessions>,
    // As a described_actor.
    caf::replies_to<describe_actor>::with<actor_status>,
    // From itself.
    caf::reacts_to<directory_tick>,
    // Every session seals and quits; answered when all have. Does not fail.
    caf::replies_to<retire_all>::with<done_answer>>;

/// Asks the actors of a node what they are at. Lives on the scheduler's workers.
using status_actor = caf::typed_actor<
    // One more that is asked.
    caf::reacts_to<show_part>,
    // Answered within a second, whoever hangs. `unavailable`: as many are being answered as may be.
    caf::replies_to<collect_status>::with<collected_status>>;

}  // namespace sandbase
