// SPDX-License-Identifier: Apache-2.0
// One client connection: reads requests one after another, has them admitted and handled, and writes their
// answers.
//
//   head ──► working ──► body ──► working ──┬──► writing ──► head …  (keep-alive)
//    │     (who calls?)         (handler)   └──► streaming ──┘    └──► lingering ──► gone
#pragma once

#include "actors/caf/asio_actor.hpp"
#include "http/api/admission.hpp"
#include "http/api/call.hpp"
#include "http/io/access_log.hpp"
#include "http/io/socket_io.hpp"
#include "http/server/phase.hpp"
#include "http/stream/messages.hpp"
#include "http/wire/request_reader.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace sandbase {

/// Reads nothing while a request is in progress, so a client that sends faster than it is served is held back
/// by TCP. Lives on the io thread of its shard.
class connection final : public asio_actor<connection_actor::base>,
                         public call,
                         private io_thread::watched,
                         private receipt::source {
 public:
  /// Whether its requests are served, or the first is answered with 503 and the connection ended.
  enum class admission : std::uint8_t { served, turned_away };

  /// `socket` belongs to the io_context of the thread of `shard`.
  connection(caf::actor_config& cfg, io_shard& shard, stream_socket socket, http_surface surface,
             admission how = admission::served);

  const char* name() const override { return "connection"; }
  void on_exit() override;

  // --- call ---

  void stream(stream_job job) override;
  void next_piece(std::function<void(body_piece)> f) override;
  void set_deadline(std::chrono::milliseconds after, failure otherwise) override;

 protected:
  behavior_type make_behavior() override;

 private:
  // connection.cpp: the socket's side
  void enter_phase(phase next);
  void run();
  bool step();
  bool read_head();
  bool read_body();
  bool write();
  bool linger();
  io_outcome fill();
  void wait_to_read();
  void wait_to_write();
  bool hangs_up();
  void settle_receipt(bool request_behind = false);
  void forget_answer();
  void end_request();
  void begin_lingering();
  void close_now();
  void drain();
  receipt::state look() override;
  void cut_off() override;
  void deadline_passed() override;

  // connection_access.cpp: what the access log tells
  void note_request();
  void note_answer();
  void tell_end(std::string_view end);
  // connection_body.cpp: a body that comes in pieces
  bool read_piece();
  void hand_piece();
  void piece_is_good();

  // connection_request.cpp: what becomes of a request
  void begin_request();
  void identify();
  void look_up_key(const credential& given);
  void admit(const known_key& known);
  void receive_body();
  void body_is_there();
  void dispatch();
  void answer_options();
  void stream_ended(const stream_done& done);

  // call
  void send_answer(outbox out) override;
  bool is_open() const override { return phase_ == phase::working; }
  void refuse_body() override;
  void went_on() override { run(); }

  const http_options& options() { return shared().options; }

  std::shared_ptr<stream_socket> socket_;
  const http_surface surface_;
  request_reader reader_;
  phase phase_ = phase::head;
  phase_conditions at_;
  outbox out_;
  /// Kept from stream to stream.
  stream_actor stream_;
  /// What is answered when the actors behind do not.
  failure on_deadline_;
  /// Of the request that is not over yet; null: it is not told, or its stream does it.
  std::shared_ptr<access_entry> access_;
  /// Of a body that is streamed: waits for what comes of it.
  std::function<void(body_piece)> on_piece_;
  /// Since when the client takes nothing of the answer.
  std::optional<io_thread::clock::time_point> stalls_since_;
  /// The key is looked at once more because its body took long.
  bool again_ = false;
  /// Of the last POST, as long as it is open.
  receipt_ptr client_;
  /// All of its answer was written.
  bool answered_ = false;
  /// The socket was met broken.
  bool broken_ = false;
  /// The reactor has been asked.
  bool waits_to_read_ = false;
  bool waits_to_write_ = false;
  /// In run(), which goes on behind whatever happens in it.
  bool running_ = false;
};

}  // namespace sandbase
