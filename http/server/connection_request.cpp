// SPDX-License-Identifier: Apache-2.0
// What becomes of a request on its connection: admission, key, body, handler, answer.
#include "http/server/connection.hpp"
#include "http/stream/stream.hpp"

namespace sandbase {

namespace {

using namespace std::chrono_literals;

/// Longer than any healthy store needs for one key.
constexpr auto key_patience = 5s;

}  // namespace

void connection::begin_request() {
  auto& e = exchange_;
  ++shared().counters.requests;
  again_ = false;
  e.id = make_id("req", shared().now());
  e.close = at_.drained || shared().draining.load(std::memory_order_relaxed);
  set_deadline(options().request_timeout, {errc::unavailable, "the store does not answer, try again"});
  e.lines = shard().date.line(shared().now());
  auto verdict = admit_head(e, reader_, surface_, shared());
  note_request();
  if (at_.turned_away) {
    e.close = true;
    return fail(failure{errc::unavailable,
                        surface_ == http_surface::api
                            ? "as many connections are open as may be (http.max_connections), try again"
                            : "as many connections to the admin listener are open as may be, try again"});
  }
  switch (verdict.what) {
    case head_verdict::kind::refused:
      return fail(std::move(verdict.reply));
    case head_verdict::kind::options:
      return answer_options();
    case head_verdict::kind::identify:
      return identify();
    case head_verdict::kind::admitted:
      return receive_body();
  }
}

void connection::answer_options() {
  refuse_body();
  const auto lines = options_lines(exchange_, surface_, shared());
  response_head reply;
  reply.status = 204;
  reply.content_type = {};
  reply.extra = lines;
  answer(reply, {});
}

void connection::identify() {
  const auto given = credential_of(exchange_, shared());
  if (!given) return fail(given.error());
  look_up_key(*given);
}

void connection::look_up_key(const credential& given) {
  auto& keys = shard().keys;
  const auto& hash = given.question.hash;
  auto* known = given.is_token() ? nullptr : keys.find(hash);
  const auto now = io().now();
  if (known) {
    const auto age = now - known->checked_at;
    if (age < io_shard::key_age) return admit(*known);
    const bool is_asked = now - known->asked_at < io_shard::key_asking;
    if (is_asked && age < io_shard::key_age + io_shard::key_asking) return admit(*known);
    known->asked_at = now;
  }
  set_deadline(key_patience, {errc::unavailable, "the API key cannot be looked up now, try again"});
  ask_reader<found_key>(
      shared().reader(shard().next_reader++), given.question,
      [this, given, now](const result<found_key>& found) {
        const auto& hash = given.question.hash;
        if (!found) {
          const auto* known = given.is_token() ? nullptr : shard().keys.find(hash);
          if (known && io().now() - known->checked_at < io_shard::key_grace) return admit(*known);
          return fail(failure{errc::unavailable,
                              "the API key cannot be looked up now, try again: " + found.error().message});
        }
        if (auto good = judge_key(given, *found); !good) {
          shard().keys.erase(hash);
          return fail(good.error());
        }
        const known_key key{found->key, shared().keys.account(found->key->id),
                            shared().keys.workspace_account(found->key->workspace), now};
        admit(given.is_token() ? key : shard().keys.put(hash, key));
      });
}

void connection::admit(const known_key& known) {
  auto& e = exchange_;
  e.key = known.key;
  e.key_checked_at = known.checked_at;
  if (auto good = judge_role(*e.route.to, *e.key); !good) return fail(good.error());
  if (again_) return on_piece_ ? piece_is_good() : dispatch();
  if (e.head.method == http_method::post) e.lease = make_lease(known, shared());
  receive_body();
}

void connection::receive_body() {
  at_.body_streams = exchange_.route.to->streams_body;
  if (reader_.now() == request_reader::state::whole) return at_.body_streams ? dispatch() : body_is_there();
  if (reader_.is_drained()) {
    if (exchange_.head.expect_continue && exchange_.head.method == http_method::post) {
      out_.add("HTTP/1.1 100 Continue\r\n\r\n");
      write_now(*socket_, out_);  // what does not fit now goes out before the answer
    }
    acknowledge_now(*socket_);
  }
  if (at_.body_streams) return dispatch();
  enter_phase(phase::body);
}

/// All of the body has come, or too much of it, or it is none.
void connection::body_is_there() {
  enter_phase(phase::working);
  switch (reader_.now()) {
    case request_reader::state::refused:
      return fail(error_with_status(reader_.status(), reader_.problem()));
    case request_reader::state::too_large:
      return fail(body_too_large(exchange_, shared()));
    case request_reader::state::head:
    case request_reader::state::body:
    case request_reader::state::whole:
      break;
  }
  auto& e = exchange_;
  if (access_) access_->bytes_in += reader_.body().size();
  if (e.lease)
    if (auto room = lease_work(*e.lease, reader_.body().size()); !room) return fail(room.error());
  // A key that was revoked while a long body came must not be able to use it.
  again_ = e.key && io().now() - e.key_checked_at >= io_shard::key_age;
  again_ ? identify() : dispatch();
}

void connection::dispatch() {
  if (exchange_.head.method == http_method::post && !at_.body_streams) {
    receipt::source& source = *this;
    client_ = exchange_.client = std::make_shared<receipt>(shard().hub.follower(), source);
    answered_ = false;
    if (hangs_up()) return close_now();
    wait_to_read();  // for that, or for the next request
  }
  if (!at_.body_streams) exchange_.body = std::move(reader_.body());
  // From here on something may have been carried out even if no answer comes.
  set_deadline(options().request_timeout, {errc::unknown_outcome, "no answer within the request timeout"});
  exchange_.route.to->handler(*this);
}

void connection::refuse_body() {
  if (reader_.now() == request_reader::state::body) reader_.read_body();
  if (reader_.now() != request_reader::state::whole) exchange_.close = true;
  reader_.drop_body();
}

void connection::send_answer(outbox out) {
  note_answer();
  on_piece_ = nullptr;
  out_.append(std::move(out));
  enter_phase(phase::writing);
}

void connection::set_deadline(std::chrono::milliseconds after, failure otherwise) {
  at_.handler_patience = std::min(after, options().request_timeout);
  on_deadline_ = std::move(otherwise);
  enter_phase(phase::working);
}

void connection::stream(stream_job job) {
  const auto& e = exchange_;
  const bool follow = job.follow;
  auto& wire = job.plan.wire;
  wire.request_id = e.id;
  wire.extra = e.lines;
  wire.http11 = e.head.http11;
  wire.keep_alive = !e.close;
  wire.head_only = e.is_head();
  job.socket = socket_;
  job.session = e.session();
  job.key = e.key;
  job.access = std::exchange(access_, nullptr);
  job.reply_to = connection_actor{this};
  enter_phase(phase::streaming);
  if (!stream_) {
    stream_ = spawn<sandbase::stream>(shard());
    monitor(stream_);
  }
  send(stream_, std::move(job));
  if (!follow) return;
  if (at_.drained) send(stream_, begin_drain{});
  reader_.shrink();  // what was read of the request is not needed while the stream lasts
}

/// The socket is free again.
void connection::stream_ended(const stream_done& done) {
  exchange_.close = exchange_.close || !done.keep_alive;
  enter_phase(phase::working);
  if (done.error.code != errc::none) {
    access_ = done.access;
    fail(done.error);
  } else if (done.keep_alive) {
    end_request();
  } else {
    begin_lingering();
  }
  run();
}

}  // namespace sandbase
