// The answers of a connection.
#include "http/server/connection.hpp"
#include "http/stream/stream.hpp"

#include <spdlog/spdlog.h>

namespace sandbase {

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
  job.reply_to = connection_actor{this};
  phase_ = phase::streaming;
  deadline = io_thread::clock::time_point::max();  // the stream has its own
  if (!stream_) {
    stream_ = spawn<sandbase::stream>(worker_);
    monitor(stream_);
  }
  send(stream_, std::move(job));
  if (!follow) return;
  if (drained_) send(stream_, begin_drain{});
  if (used_ == in_.size()) {  // what was read of the request is not needed while the stream lasts
    in_ = {};
    used_ = 0;
  }
}

void connection::answer(std::string_view json) {
  outbox body;
  body.add(json);
  answer(std::move(body));
}

void connection::answer(outbox json) {
  response_head head;
  head.extra = exchange_.lines;
  answer(head, std::move(json));
}

void connection::answer(response_head head, outbox body) {
  auto& e = exchange_;
  e.body = {};
  e.leases.clear();
  e.close = e.close || drained_;
  head.request_id = e.id;
  head.close = e.close;
  head.http11 = e.head.http11;
  if (head.status != 204) head.content_length = body.bytes();
  std::string text;
  append_head(text, head);
  if (e.is_head()) body.clear();
  body.prepend(std::move(text));
  out_.append(std::move(body));
  phase_ = phase::writing;
  expire_in(shared().options.write_timeout);
}

void connection::fail(const failure& why) {
  auto reply = to_reply(why);
  if (reply.status >= 500)
    spdlog::log(reply.status == 503 ? spdlog::level::warn : spdlog::level::err, "{}: {} {}: {}", exchange_.id,
                exchange_.head.path, reply.status, why.message);
  const bool may_repeat = !changes_something(exchange_.route.to) || exchange_.head.idempotency_key;
  if (reply.status == 500 && !may_repeat) reply.lines += "x-should-retry: false\r\n";
  fail(std::move(reply));
}

void connection::fail(error_reply reply) {
  if (reply.status >= 500) ++shared().counters.server_errors;
  refuse_rest_of_body();
  outbox body;
  body.add(render_error(reply, exchange_.id));
  response_head head;
  head.status = reply.status;
  reply.lines += exchange_.lines;
  head.extra = reply.lines;
  answer(head, std::move(body));
}

}  // namespace sandbase
