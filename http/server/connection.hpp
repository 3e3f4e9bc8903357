// One client connection: reads requests one after another, has them handled and writes their answers.
//
//   head ──► working ──► body ──► working ──┬──► writing ──► head …  (keep-alive)
//    │     (who calls?)         (handler)   └──► streaming ──┘    └──► lingering ──► gone
#pragma once

#include "actors/asio_actor.hpp"
#include "actors/errors.hpp"
#include "http/api/exchange.hpp"
#include "http/io/session_client.hpp"
#include "http/io/socket_io.hpp"
#include "http/stream/messages.hpp"
#include "http/wire/outbox.hpp"
#include "http/wire/response.hpp"

#include <memory>
#include <string>

namespace sandbase {

/// Reads nothing while a request is in progress, so a client that sends
/// faster than it is served is held back by TCP.
class connection final : public asio_actor<connection_actor::base>, private io_thread::watched {
 public:
  /// `socket` belongs to the io_context of `worker`'s thread.
  connection(caf::actor_config& cfg, io_shard& worker, stream_socket socket, http_surface surface);

  const char* name() const override { return "connection"; }
  void on_exit() override;

  // --- for the handlers of requests (api.hpp); all on the io thread, each request is answered once
  // --------------------

  io_shard& worker() { return worker_; }
  server_state& shared() { return worker_.shared; }
  exchange& current() { return exchange_; }

  /// Asks an actor; f(result<Answer>) is called unless the request is over by then.
  template <class Answer, class Handle, class Message, class F>
  void ask(const Handle& to, const Message& message, F f) {
    request(to, caf::infinite, message)
        .then([this, f, n = number_](const Answer& answer) { deliver(n, f, result<Answer>{answer}); },
              [this, f, n = number_](const caf::error& e) { deliver(n, f, result<Answer>{to_failure(e)}); });
  }
  /// Asks the session that the request names.
  template <class Answer, class Message, class F>
  void ask_current_session(const Message& message, F f) {
    ask_session<Answer>(this, worker_, exchange_.session(), message,
                        [this, f, n = number_](const result<Answer>& answer) { deliver(n, f, answer); });
  }

  /// Answers with JSON.
  void answer(std::string_view json);
  void answer(outbox json);
  void answer(response_head head, outbox body);
  /// Answers with an error.
  void fail(const failure& why);
  void fail(error_reply reply);
  /// Leaves the answer to the connection's stream. Of the job only what the request asks for has to be there:
  /// start, follow, plan (of its `wire` filter, reader, reconnects), expires_at and places.
  void stream(stream_job job);
  /// What is answered when the request timeout, or `after` if that is sooner, passes without an answer.
  void set_deadline(std::chrono::milliseconds after, failure otherwise);

 protected:
  behavior_type make_behavior() override;

 private:
  enum class phase : std::uint8_t { head, working, body, writing, streaming, lingering, gone };

  template <class F, class Result>
  void deliver(std::uint64_t number, const F& f, const Result& r) {
    if (number != number_ || phase_ != phase::working) return;
    f(r);
    run();
  }

  // connection.cpp: the socket's side
  void run();
  bool step();
  bool read_head();
  bool read_body();
  bool write();
  bool linger();
  io_state fill();
  void forget_used_input();
  void wait_for(stream_socket::wait_type what);
  void end_request();
  void begin_lingering();
  void close_now();
  void drain();
  void deadline_passed() override;
  void expire_in(std::chrono::milliseconds after) { deadline = io().now() + after; }

  // connection_request.cpp: what happens to a request before its handler
  void begin_request(std::string_view head);
  void authenticate();
  void admit_by_token();
  void admit(const known_key& key);
  void receive_body();
  void take_body();
  void dispatch();
  void refuse_rest_of_body();

  io_shard& worker_;
  std::shared_ptr<stream_socket> socket_;
  const http_surface surface_;
  phase phase_ = phase::head;
  exchange exchange_;
  std::uint64_t number_ = 0;  // of the request; tells its answers from late ones
  std::string in_;            // read and not yet used
  std::size_t used_ = 0;      // front part of in_ that is used up
  std::size_t searched_ = 0;  // part of the rest that was searched for a head's end
  bool head_begun_ = false;   // a byte of the next request is there
  outbox out_;
  /// Kept from stream to stream.
  stream_actor stream_;
  failure on_deadline_;
  std::size_t lingered_ = 0;
  bool waiting_ = false;  // the reactor has been asked
  bool drained_ = false;
};

}  // namespace sandbase
