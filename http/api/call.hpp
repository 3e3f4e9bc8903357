// SPDX-License-Identifier: Apache-2.0
// What the handler of a request sees of it: what is asked for, the actors behind, and ways to answer. The
// connection is behind it; in tests whatever implements the few virtual functions.
#pragma once

#include "actors/caf/errors.hpp"
#include "http/api/exchange.hpp"
#include "http/io/answer_room.hpp"
#include "http/io/session_client.hpp"
#include "http/stream/messages.hpp"
#include "http/wire/outbox.hpp"
#include "http/wire/response.hpp"

#include <caf/scheduled_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sandbase {

/// What has come of a body that is streamed.
struct body_piece {
  std::string bytes;
  /// Nothing follows.
  bool is_last = false;
};

/// Everything on the io thread of `shard()`. Each request is answered once, by answer(), fail() or stream();
/// answers of actors that come later are not handed on.
class call : protected answer_room {
 public:
  /// Of a body that an io thread parses itself: others of its connections wait for some milliseconds at most.
  static constexpr std::size_t max_bytes_parsed_here = 64 * 1024;

  io_shard& shard() { return shard_; }
  server_state& shared() { return shard_.shared; }
  exchange& current() { return exchange_; }

  /// Asks an actor; f(result<Answer>) is called unless the request is over by then.
  template <class Answer, class Handle, class Message, class F>
  void ask(const Handle& to, const Message& message, F f,
           caf::duration timeout = caf::duration{commit_timeout}) {
    request(to, timeout, message)
        .then([this, f, n = number_](const Answer& a) { go_on(n, [&] { f(result<Answer>{a}); }); },
              [this, f, n = number_](const caf::error& e) {
                go_on(n, [&] { f(result<Answer>{to_failure(e)}); });
              });
  }
  /// The same, of a reader: an answer that does not come in time is `unavailable`.
  template <class Answer, class Message, class F>
  void ask_reader(const reader_actor& to, const Message& message, F f) {
    request(to, caf::duration{read_timeout}, message)
        .then([this, f, n = number_](const Answer& a) { go_on(n, [&] { f(result<Answer>{a}); }); },
              [this, f, n = number_](const caf::error& e) {
                go_on(n, [&] { f(result<Answer>{to_failure(of_read(e))}); });
              });
  }
  /// Asks the session that the request names.
  template <class Answer, class Message, class F>
  void ask_current_session(const Message& message, F f) {
    ask_session<Answer>(this, shard(), exchange_.session(), message,
                        [this, f, n = number_](const result<Answer>& a) { go_on(n, [&] { f(a); }); });
  }
  /// Runs `work` on a thread of the scheduler, where it may take its time, then f(what it made) here. `work`
  /// must not touch the call. For what costs more than milliseconds of processor time.
  template <class Work, class F>
  void on_worker(Work work, F f) {
    using made = decltype(work());
    auto slot = std::make_shared<std::optional<made>>();
    ask<done_answer>(spawn_worker([slot, work = std::move(work)]() mutable { slot->emplace(work()); }),
                     run_now{}, [this, slot, f](const result<done_answer>& done) {
                       if (!done || !*slot) return fail(failure{errc::internal, "a worker gave no answer"});
                       f(std::move(**slot));
                     });
  }

  /// Spawns an actor on the threads of the scheduler.
  template <class Actor, class... Args>
  auto spawn_on_worker(Args&&... args) {
    return self_->home_system().spawn<Actor, caf::hidden>(std::forward<Args>(args)...);
  }

  /// Takes the request's body and calls f(parse(body)): at once, or when a worker has parsed it if it is
  /// large. As for on_worker(), `parse` must not touch the call.
  template <class Parse, class F>
  void read_body(Parse parse, F f) {
    const auto body = std::make_shared<const std::string>(std::exchange(exchange_.body, {}));
    if (body->size() <= max_bytes_parsed_here) return f(parse(std::string_view{*body}));
    on_worker([parse = std::move(parse), body] { return parse(std::string_view{*body}); }, std::move(f));
  }

  /// Of a route that streams its body: reads on, and calls f with what has come when that is some; a client
  /// that sends nothing for http_options::piece_timeout is cut off. One at a time. The key is good at every
  /// call.
  virtual void next_piece(std::function<void(body_piece)> f) = 0;
  /// Before an answer to a body that has not come whole: see refuse_body().
  void refuse_rest() { refuse_body(); }

  /// Answers with JSON.
  void answer(std::string_view json);
  void answer(outbox json);
  void answer(response_head head, outbox body);
  /// Answers with an error.
  void fail(const failure& why);
  void fail(error_reply reply);
  /// The answer to come will need `bytes`. @returns `unavailable` if so many would be more than
  /// http.max_bytes_out leaves; then it is to be failed
  result<void> hold_answer(std::size_t bytes);

  /// Leaves the answer to the connection's stream. Of the job only what the request asks for has to be there:
  /// start, follow, plan (of its `wire` filter, reader, reconnects), expires_at and places.
  virtual void stream(stream_job job) = 0;
  /// What is answered when the request timeout, or `after` if that is sooner, passes without an answer.
  virtual void set_deadline(std::chrono::milliseconds after, failure otherwise) = 0;

  /// As an actor's own request(), for those who only know the call.
  template <class Handle, class Message>
  auto request(const Handle& to, const caf::duration&, const Message& message) {
    const auto id = self_->new_request_id(caf::message_priority::normal);
    to->eq_impl(id, self_->ctrl(), self_->context(), message);
    return pending{self_, id.response_id()};
  }

 protected:
  call(caf::scheduled_actor& self, io_shard& shard) : answer_room(shard), self_(&self) {}
  ~call() = default;

  /// Sends the answer.
  virtual void send_answer(outbox out) = 0;
  /// The request is not answered yet.
  virtual bool is_open() const = 0;
  /// Before an error: the rest of the body is skipped if it is here already, else the connection ends.
  virtual void refuse_body() = 0;
  /// An actor's answer was handed on.
  virtual void went_on() = 0;

  /// Forgets the request; answers to what it asked will be dropped.
  void begin_anew();

  exchange exchange_;

 private:
  struct pending {
    caf::scheduled_actor* self;
    caf::message_id id;
    template <class F, class G>
    void then(F f, G g) const {
      self->add_multiplexed_response_handler(id, caf::behavior{std::move(f), std::move(g)});
    }
  };

  template <class F>
  void go_on(std::uint64_t number, F f) {
    if (number != number_ || !is_open()) return;
    f();
    went_on();
  }
  worker_actor spawn_worker(std::function<void()> work);

  caf::scheduled_actor* self_;
  // Of the request; tells its answers from late ones.
  std::uint64_t number_ = 0;
};

}  // namespace sandbase
