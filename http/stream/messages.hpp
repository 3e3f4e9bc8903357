// SPDX-License-Identifier: Apache-2.0
// Messages and handles of the HTTP layer's own actors. All stay inside one process.
#pragma once

#include "actors/messages/all.hpp"
#include "http/io/access_log.hpp"
#include "http/io/io_shard.hpp"
#include "http/io/socket_io.hpp"
#include "http/stream/export_writer.hpp"
#include "http/stream/follow_writer.hpp"
#include "http/stream/stream_machine.hpp"
#include "persistence/session_query.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace sandbase {

struct stream_job;
struct stream_done;
struct stop_stream;
struct begin_drain;
struct abort_now;
struct run_now;

/// Writes streams into the socket of its connection, one after another. Lives on the connection's io thread.
using stream_actor = caf::typed_actor<
    // From the connection: here is the socket. Answered by stream_done.
    caf::reacts_to<stream_job>,
    // From the connection, which ends.
    caf::reacts_to<stop_stream>,
    // From the connection: the server shuts down.
    caf::reacts_to<begin_drain>>;

/// Does one piece of work on a thread of the scheduler and quits.
using worker_actor = caf::typed_actor<caf::replies_to<run_now>::with<done_answer>>;

/// One client connection.
using connection_actor = caf::typed_actor<
    // From its stream: the socket is free again.
    caf::reacts_to<stream_done>,
    // From the acceptor: no further requests; close when the running one is answered.
    caf::reacts_to<begin_drain>,
    // From the acceptor: close now.
    caf::reacts_to<abort_now>>;

/// A listening socket and all connections made through it.
using acceptor_actor = caf::typed_actor<
    // Accept no more; quit when the connections are done.
    caf::reacts_to<begin_drain>,
    // The same, and cut them off.
    caf::reacts_to<abort_now>,
    // As a described_actor.
    caf::replies_to<describe_actor>::with<actor_status>>;

/// A stream to be written. The connection leaves the socket alone (but for closing it) until stream_done.
struct stream_job {
  std::shared_ptr<stream_socket> socket;
  session_ref session;
  stream_start start;
  /// Else a replay or an export, for which only plan.wire counts.
  bool follow = false;
  /// Of an export.
  std::optional<export_plan> exported;
  /// Of who watches the workspace of `session`, which then has no id; of the plan only plan.wire counts. Its
  /// limit: how many the stream begins with.
  std::optional<session_query> watched;
  follow_plan plan;
  /// The stream ends when it is revoked, and shows nothing while it cannot be looked up.
  std::shared_ptr<const api_key> key;
  /// Of what the client was let in with.
  io_thread::clock::time_point expires_at = io_thread::clock::time_point::max();
  /// Among the streams of the key and of the token, as long as it lasts.
  std::vector<stream_places::place> places;
  connection_actor reply_to;
  /// Of the request; null: it is not told. The stream tells its end, or gives it back with an error.
  std::shared_ptr<access_entry> access;
};
struct stream_done {
  /// Code none: the response is written; else nothing is, and the connection has to tell.
  failure error;
  /// Whether the connection can go on.
  bool keep_alive = false;
  /// With an error.
  std::shared_ptr<access_entry> access;
};
struct stop_stream {};
struct begin_drain {};
struct abort_now {};
struct run_now {};

}  // namespace sandbase

#define SANDBASE_HTTP_MESSAGES(X) \
  X(stream_job) X(stream_done) X(stop_stream) X(begin_drain) X(abort_now) X(run_now)

#define SANDBASE_ALLOW_LOCAL(T) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sandbase::T)
SANDBASE_HTTP_MESSAGES(SANDBASE_ALLOW_LOCAL)
#undef SANDBASE_ALLOW_LOCAL

CAF_BEGIN_TYPE_ID_BLOCK(sandbase_http, caf::id_block::sandbase::end)
#define SANDBASE_ADD_TYPE(T) CAF_ADD_TYPE_ID(sandbase_http, (sandbase::T))
  SANDBASE_HTTP_MESSAGES(SANDBASE_ADD_TYPE)
#undef SANDBASE_ADD_TYPE
CAF_END_TYPE_ID_BLOCK(sandbase_http)
